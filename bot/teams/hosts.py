"""Which addresses of Teams the bot may call: its token goes nowhere else."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

# The commercial, GCC and GCC High services, as the documentation of proactive messages lists them.
SERVICE_HOSTS = frozenset(
    {"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com", "smba.infra.gov.teams.microsoft.us"}
)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST = 500
LONGEST_UPLOAD = 8_000
SHAREPOINT = re.compile(r"[a-z0-9-]+\.sharepoint\.(com|us)")
_ODD = re.compile(r"[^!-~]|[\\@#?]")
_ODD_QUERY = re.compile(r"[^!-~]|[\\#]")


class ServiceHosts:
    """The hosts that a `serviceUrl` may name: those of Teams and the operator's own.

    One of the operator's own may name a port. On this machine it has to, and is called without encryption.
    """

    def __init__(self, extra: Collection[str] = ()) -> None:
        self._hosts = SERVICE_HOSTS | {host.lower() for host in extra}

    def allows(self, url: object) -> bool:
        """Whether a `serviceUrl` leads to one of them: over https, with neither a user name nor a query."""
        parts = _split(url)
        if parts is None:
            return False
        if parts.scheme == "http":
            return is_loopback(parts) and parts.netloc.lower() in self._hosts
        named = parts.netloc.lower()
        return parts.scheme == "https" and (named in self._hosts or named.removesuffix(":443") in self._hosts)


class FileHosts:
    """The hosts that a file may be uploaded to: those of SharePoint, where OneDrive is, and `own`."""

    def __init__(self, own: ServiceHosts | LoopbackOnly) -> None:
        self._own = own

    def allows(self, url: str) -> bool:
        """Whether an address leads there: over https, without a user name or a port."""
        plain, _, query = url.partition("?")
        if len(url) > LONGEST_UPLOAD or _ODD_QUERY.search(query):
            return False
        parts = _split(plain)
        if parts and parts.scheme == "https" and SHAREPOINT.fullmatch(parts.netloc.lower()):
            return True
        return self._own.allows(plain) and bool(parts and is_loopback(parts))


class LoopbackOnly:
    """The hosts of a local test client: any port of this machine, and nothing else."""

    def allows(self, url: object) -> bool:
        """Whether an address leads to this machine."""
        parts = _split(url)
        return parts is not None and parts.scheme in ("http", "https") and is_loopback(parts)


def is_loopback(parts: SplitResult) -> bool:
    """Whether an address leads to this machine."""
    return parts.hostname in LOOPBACK


def _split(url: object) -> SplitResult | None:
    """The parts of an address; None for what is none, or is odd in any way."""
    if not isinstance(url, str) or len(url) > LONGEST or _ODD.search(url):
        return None
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and (parts.port is None or parts.port) else None
    except ValueError:
        return None
