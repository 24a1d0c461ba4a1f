"""What a check found out: fine, missing or wrong, in a sentence, and what to do about it."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import aiohttp

SKEW = timedelta(seconds=60)


class State(StrEnum):
    """How it stands with what was checked."""

    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome. `says` can be understood without the rest; `mend` is what to do, if anything."""

    check: str
    state: State
    says: str
    mend: str = ""

    @property
    def line(self) -> str:
        """The finding in one line of text."""
        return " – ".join([f"{self.state:<7}", self.says, *([self.mend] if self.mend else [])])


def ok(check: str, says: str, mend: str = "") -> Finding:
    """All is well; `mend` may still advise."""
    return Finding(check, State.OK, says, mend)


def missing(check: str, says: str, mend: str) -> Finding:
    """Something is not there yet."""
    return Finding(check, State.MISSING, says, mend)


def wrong(check: str, says: str, mend: str) -> Finding:
    """Something is there and does not work."""
    return Finding(check, State.WRONG, says, mend)


def is_well(found: Sequence[Finding]) -> bool:
    """Whether there is nothing to mend."""
    return all(finding.state is State.OK for finding in found)


def as_text(found: Sequence[Finding]) -> str:
    """A line for each finding."""
    return "\n".join(finding.line for finding in found)


def as_json(found: Sequence[Finding]) -> str:
    """The findings for a script."""
    return json.dumps(
        {"ok": is_well(found), "checks": [asdict(each) for each in found]}, indent=2, ensure_ascii=False
    )


def of_settings(problems: str) -> list[Finding]:
    """A finding for each line of what is wrong with the settings."""
    mend = "Change it in the environment or in .env; docs/settings.md explains each."
    return [wrong("settings", line, mend) for line in problems.splitlines()]


def skewed(check: str, whose: str, here: datetime, there: datetime) -> Finding:
    """How far this machine's clock is from another one; both are instants with a zone."""
    apart = here - there
    if abs(apart) <= SKEW:
        return ok(check, f"This machine's clock agrees with {whose}")
    way = "ahead of" if apart > timedelta(0) else "behind"
    seconds = round(abs(apart).total_seconds())
    return wrong(
        check, f"This machine's clock is {seconds} s {way} {whose}", "Let it be set by NTP; Slack allows 300 s."
    )


def unreached(check: str, name: str, error: Exception) -> Finding:
    """Why something on the network, called `name`, could not be asked: each cause has its own sentence."""
    says, mend = _cause(error)
    return wrong(check, f"{name} {says}", mend)


def _cause(error: Exception) -> tuple[str, str]:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "cannot be found: its name leads to no address", "Check the spelling, and this machine's DNS."
        case aiohttp.ClientConnectorCertificateError():
            return "has a certificate that is not trusted", "Renew it, or let the proxy send its whole chain."
        case aiohttp.ClientSSLError():
            return "does not speak TLS as it should", "Check that HTTPS ends at the proxy, and on which port."
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return (
                "refuses the connection: nothing listens there",
                "Start it, or check address, port and firewall.",
            )
        case aiohttp.ClientConnectorError(os_error=socket.gaierror()):
            return "cannot be found: its name leads to no address", "Check the spelling, and this machine's DNS."
        case TimeoutError():
            return "does not answer in time", "Check the firewall and the proxy between here and there."
        case aiohttp.InvalidURL():
            return "has an address that cannot be read", "It has to look like https://bot.example.com."
        case _:
            return "breaks the connection off", "Check the network and the proxy between here and there."
