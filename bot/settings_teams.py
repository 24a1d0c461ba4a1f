"""What each setting of Teams must look like and which must come together, in sentences that say how to mend it.

No sentence holds a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

Given = Mapping[str, str]  # by field name; a name that is missing was not set
Problem = tuple[str, str]

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.IGNORECASE)
ADDRESS = re.compile(r"[0-9.]+|.*\[.*")  # of a machine, by number
LOOPBACK = frozenset({"localhost", "127.0.0.1"})
TYPES = ("SingleTenant", "MultiTenant", "UserAssignedMSI")
BOT_PAGE = "your bot's Configuration in the Azure portal"


def is_on(value: str) -> bool:
    """Whether a switch is on: 1 or true."""
    return value.lower() in ("1", "true")


def _app_id(value: str) -> str:
    return (
        ""
        if GUID.fullmatch(value)
        else f"must be the Microsoft App ID, 32 digits in five groups, from {BOT_PAGE}."
    )


def _tenants(values: str) -> str:
    found = listed(values)
    if found and all(GUID.fullmatch(each) for each in found):
        return ""
    return (
        "must be the directory (tenant) ID, 32 digits in five groups, from Microsoft Entra. "
        "Several are separated by commas, that of the bot's own registration first."
    )


def _secret(value: str) -> str:
    is_word = value.isascii() and value.isprintable() and " " not in value
    if GUID.fullmatch(value):
        return "is the ID of a secret, and not its value: make a new client secret and copy Value, not Secret ID."
    return (
        ""
        if is_word and len(value) >= 8
        else f"is no client secret; make one under Manage Password on {BOT_PAGE}."
    )


def _type(value: str) -> str:
    return "" if value in TYPES else f"must be {', '.join(TYPES[:-1])} or {TYPES[-1]}: Bot Type on {BOT_PAGE}."


def _hosts(values: str) -> str:
    if all(map(_is_host, listed(values))):
        return ""
    return (
        "must be names of hosts, with commas between them and nothing before or behind: no https://, no path. "
        "Of addresses in numbers only 127.0.0.1 with a port."
    )


def _is_host(value: str) -> bool:
    name, _, port = value.partition(":")
    if name.lower() in LOOPBACK:
        return bool(HOST.fullmatch(value)) and bool(port)
    return bool(HOST.fullmatch(value)) and "." in name and not ADDRESS.fullmatch(name)


def _url(value: str) -> str:
    url = _split(value)
    is_here = url is not None and url.scheme == "http" and url.hostname in (*LOOPBACK, "::1")
    if url is not None and (is_here or url.scheme == "https") and url.username is None and not url.fragment:
        return ""
    return "must start with https://; http only on this machine. Leave it out for Microsoft's own."


def _switch(value: str) -> str:
    if is_on(value):
        return (
            "lets in whatever says that it is Teams, so it is for the demo alone: make demo TEAMS_LOCAL_TOOLS=1. "
            "Remove it here."
        )
    return "" if value.lower() in ("0", "false") else "must be 1, or left out."


def listed(values: str) -> tuple[str, ...]:
    """The values between the commas."""
    return tuple(value.strip() for value in values.split(",") if value.strip())


def _split(value: str) -> SplitResult | None:
    if re.search(r"[\s\\]", value):
        return None
    try:
        url = urlsplit(value)
        return url if url.hostname and (url.port is None or url.port) else None
    except ValueError:
        return None


RULES: Mapping[str, Callable[[str], str]] = {
    "teams_app_id": _app_id,
    "teams_app_password": _secret,
    "teams_app_type": _type,
    "teams_tenant_id": _tenants,
    "teams_service_hosts": _hosts,
    "teams_openid_metadata_url": _url,
    "teams_token_url": _url,
    "teams_local_tools": _switch,
}


def together(given: Given) -> Iterator[Problem]:
    """What is missing beside what is set, and what does nothing without something else."""
    if given.get("teams_app_id"):
        yield from _needed(given)
        return
    if "teams_app_id" in given and any(given.get(name) for name in ("teams_app_password", "teams_tenant_id")):
        yield "teams_app_id", f"is empty: anybody could pass for Teams with that. Copy it from {BOT_PAGE}."
        return
    for name in ("teams_app_password", "teams_tenant_id", "teams_service_hosts", "teams_admins"):
        if given.get(name):
            yield name, f"does nothing without TEAMS_APP_ID, which is on {BOT_PAGE}."


def _needed(given: Given) -> Iterator[Problem]:
    by_identity = given.get("teams_app_type") == "UserAssignedMSI"
    if not given.get("teams_tenant_id"):
        yield (
            "teams_tenant_id",
            "is needed beside TEAMS_APP_ID: whose people may speak to the bot. It is in Microsoft Entra.",
        )
    if not given.get("teams_app_password") and not by_identity:
        yield (
            "teams_app_password",
            f"is needed beside TEAMS_APP_ID: make one under Manage Password on {BOT_PAGE}, "
            "or set TEAMS_APP_TYPE=UserAssignedMSI where the bot has a managed identity.",
        )
    if given.get("teams_app_password") and by_identity:
        yield "teams_app_password", "does nothing beside TEAMS_APP_TYPE=UserAssignedMSI. Remove one of the two."


def local_tools_problems(given: Given) -> list[Problem]:
    """What forbids the switch for local tools in the demo, where it is on."""
    value = given.get("teams_local_tools", "")
    if not value or value.lower() in ("0", "false"):
        return []
    if not is_on(value):
        return [("teams_local_tools", "must be 1, or left out.")]
    why = "stands beside TEAMS_LOCAL_TOOLS, which lets in whatever says that it is Teams. Remove one of the two."
    return [(name, why) for name in ("public_url", "teams_app_password") if given.get(name)]
