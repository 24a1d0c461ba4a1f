"""What each setting must look like and which must come together, in sentences that say how to mend it.

No sentence holds a value. Of Slack's values only what it promises is checked: how tokens begin, and that a client
ID is two numbers. A signing secret has no promised form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from bot import settings_teams
from storage.secrets import NEW_KEY, SecretsError, Vault

SHORTEST_SECRET = 16
CLIENT_ID = re.compile(r"[0-9]+\.[0-9]+")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
APP_PAGE = "your app's page at api.slack.com/apps"

Given = Mapping[str, str]  # by field name; a name that is missing was not set
Problem = tuple[str, str]


def problems(given: Given) -> list[Problem]:
    """Every problem with these values: the field's name, and a sentence."""
    wrong = [(name, rule(given[name])) for name, rule in RULES.items() if given.get(name)]
    return [(name, sentence) for name, sentence in wrong if sentence] + [
        *_together(given),
        *settings_teams.together(given),
    ]


def without_slashes(url: str) -> str:
    """An address without white space around it and slashes at its end."""
    return url.strip().rstrip("/")


def _signing_secret(values: str) -> str:
    secrets = [value.strip() for value in values.split(",") if value.strip()]
    if secrets and all(map(_is_secret, secrets)):
        return ""
    return f"is no signing secret; copy it from Basic Information on {APP_PAGE}. Two are separated by a comma."


def _client_secret(value: str) -> str:
    return "" if _is_secret(value) else f"is no client secret; copy it from Basic Information on {APP_PAGE}."


def _is_secret(value: str) -> bool:
    return len(value) >= SHORTEST_SECRET and _is_one_word(value)


def _is_token(value: str, prefix: str) -> bool:
    return value.startswith(prefix) and value != prefix and _is_one_word(value)


def _is_one_word(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value


def _bot_token(value: str) -> str:
    if value.startswith("xapp-"):
        return "is an app-level token; it belongs in SLACK_APP_TOKEN. The bot's token starts with xoxb-."
    if value.startswith("xoxe"):
        return (
            "is a token that expires within hours. Use an app without token rotation, "
            "or set SLACK_CLIENT_ID instead: installed in the browser, tokens are renewed."
        )
    if _is_token(value, "xoxb-"):
        return ""
    return f"must be a whole token: xoxb-, and no spaces. Copy it from OAuth & Permissions on {APP_PAGE}."


def _app_token(value: str) -> str:
    if _is_token(value, "xapp-"):
        return ""
    return (
        "must be a whole token: xapp-, and no spaces. Make one with the scope connections:write "
        f"under App-Level Tokens on {APP_PAGE}."
    )


def _client_id(value: str) -> str:
    if CLIENT_ID.fullmatch(value):
        return ""
    return f"must be two numbers with a dot between them; copy Client ID, not App ID, from {APP_PAGE}."


def _secret_keys(values: str) -> str:
    try:
        Vault.from_text(values)
    except SecretsError as wrong:
        return str(wrong)
    return ""


def _public_url(value: str) -> str:
    url = _split(value)
    if url is None or not _is_safe(url):
        return "must be an address such as https://worthwhile.example.com; http only on this machine."
    if url.path.strip("/") or url.query or url.fragment or url.username is not None:
        return "must end after the name of the host, or its port: the bot answers at the root of it."
    return ""


def _api_url(value: str) -> str:
    url = _split(value)
    if url is not None and _is_safe(url) and not url.query and not url.fragment and url.username is None:
        return ""
    return "must start with https://; http only on this machine: tokens go there. Leave it out for Slack."


def _split(value: str) -> SplitResult | None:
    """The parts of an address; None for what is none."""
    if re.search(r"[\s\\]", value):
        return None
    try:
        url = urlsplit(value)
        return url if url.hostname and (url.port is None or url.port) else None
    except ValueError:
        return None


def _is_safe(url: SplitResult) -> bool:
    return url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)


RULES: Mapping[str, Callable[[str], str]] = {
    "public_url": _public_url,
    "secret_keys": _secret_keys,
    "slack_signing_secret": _signing_secret,
    "slack_bot_token": _bot_token,
    "slack_app_token": _app_token,
    "slack_client_id": _client_id,
    "slack_client_secret": _client_secret,
    "slack_api_url": _api_url,
    **settings_teams.RULES,
}
NEEDED_BY_OAUTH = {
    "slack_client_secret": f"it is beside the client ID on {APP_PAGE}.",
    "slack_signing_secret": f"it is beside the client ID on {APP_PAGE}.",
    "public_url": "the address at which Slack and browsers reach this bot, such as https://worthwhile.example.com.",
    "secret_keys": f"tokens of workspaces are kept encrypted. Make a key with {NEW_KEY}",
}


def _together(given: Given) -> Iterator[Problem]:
    token, client = given.get("slack_bot_token"), given.get("slack_client_id")
    signing, app = given.get("slack_signing_secret"), given.get("slack_app_token")
    if token and client:
        yield (
            "slack_bot_token",
            (
                "stands beside SLACK_CLIENT_ID. Keep the token for one workspace, "
                "or the client ID where workspaces install the bot in the browser; remove the other."
            ),
        )
    if client:
        yield from _needed_by_oauth(given)
    elif token and not signing and (not app or signing is not None):
        yield "slack_signing_secret", _unsigned(empty=signing is not None, socket=bool(app))
    if not token and not client:
        yield from _left_over(given)


def _needed_by_oauth(given: Given) -> Iterator[Problem]:
    for name, where in NEEDED_BY_OAUTH.items():
        if not given.get(name):
            yield name, f"is needed beside SLACK_CLIENT_ID: {where}"


def _unsigned(*, empty: bool, socket: bool) -> str:
    if socket:
        return "is empty: anybody could sign with that. Set it, or remove the line to use Socket Mode alone."
    missing = "is empty: anybody could sign with that." if empty else "is missing beside SLACK_BOT_TOKEN."
    return f"{missing} Copy it from Basic Information on {APP_PAGE}, or set SLACK_APP_TOKEN for Socket Mode."


def _left_over(given: Given) -> Iterator[Problem]:
    """What is of no use by itself, so that something else was forgotten."""
    for name in ("slack_signing_secret", "slack_app_token"):
        if given.get(name):
            yield name, "does nothing alone. Set SLACK_BOT_TOKEN for one workspace, or SLACK_CLIENT_ID for many."
    if given.get("slack_client_secret"):
        yield "slack_client_secret", f"does nothing without SLACK_CLIENT_ID, which is beside it on {APP_PAGE}."
