"""Installing the app, and the tokens that come of it.

Rotation: https://docs.slack.dev/authentication/using-token-rotation
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.structure import Json
from tests.fakes.slack.world import Installation, Person, Token, Workspace

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

TOKEN_LIFE = timedelta(hours=12)
CODE_LIFE = timedelta(minutes=10)


@dataclass
class Code:
    """What an authorization page hands to the bot, once."""

    installation: Installation
    redirect_uri: str
    by: str
    given_at: datetime
    is_used: bool = False


def authorize(slack: FakeSlack, bearer: str, kind: str) -> Token | None:
    """Whose token this is, or raise SlackError."""
    if kind == "none":
        return None
    if not bearer:
        raise SlackError("not_authed")
    if (kind == "app") != bearer.startswith("xapp-"):
        raise SlackError("not_allowed_token_type")
    if kind == "app":
        if bearer != slack.app.app_token:
            raise SlackError("invalid_auth")
        return None
    token = slack.world.tokens.get(bearer)
    if token is None:
        raise SlackError("invalid_auth")
    if token.installation.is_removed:
        raise SlackError("account_inactive")
    if token.is_revoked:
        raise SlackError("token_revoked")
    if token.expires_at and slack.clock.now() >= token.expires_at:
        raise SlackError("token_expired")
    return token


def install(
    slack: FakeSlack, workspaces: list[Workspace], scopes: tuple[str, ...], *, organisation: str | None = None
) -> Installation:
    """Install the app, again or for the first time: the bot's user stays the same one."""
    before = workspaces[0].installation
    if before and not before.is_removed and before.is_organisation == bool(organisation):
        before.scopes = tuple(dict.fromkeys([*before.scopes, *scopes]))
        installation = before
    else:
        installation = _new_installation(slack, workspaces, scopes, organisation, before)
    usable = [each for each in installation.tokens if not each.is_revoked]
    if slack.app.rotates_tokens or not usable:
        issue(slack, installation)
    return installation


def _new_installation(
    slack: FakeSlack,
    workspaces: list[Workspace],
    scopes: tuple[str, ...],
    organisation: str | None,
    before: Installation | None,
) -> Installation:
    bot = before.bot if before else _bot(slack, workspaces[0])
    bot.deleted = False
    bot_id = before.bot_id if before else slack.world.new_id("B")
    enterprise = organisation or workspaces[0].enterprise
    made = Installation(bot, bot_id, scopes, list(workspaces), enterprise, bool(organisation))
    for workspace in workspaces:
        workspace.installation = made
        workspace.people[bot.id] = bot
    return made


def _bot(slack: FakeSlack, workspace: Workspace) -> Person:
    named = slack.app.name.lower()
    return Person(
        slack.world.new_id("U"), named, slack.app.name, workspace.id, enterprise=workspace.enterprise, is_bot=True
    )


def issue(slack: FakeSlack, installation: Installation) -> Token:
    """A new access token, with a refresh token where the app rotates them."""
    secret = f"{slack.world.number()}-{secrets.token_hex(12)}"
    if slack.app.rotates_tokens:
        ends = slack.clock.now() + TOKEN_LIFE
        token = Token(f"xoxe.xoxb-{secret}", installation, ends, f"xoxe-1-{secrets.token_hex(16)}")
        slack.world.refreshes[str(token.refresh)] = token
    else:
        token = Token(f"xoxb-{secret}", installation)
    installation.tokens.append(token)
    slack.world.tokens[token.value] = token
    return token


def exchange_code(slack: FakeSlack, given: str, redirect_uri: str) -> Json:
    """What a code is worth, once and for ten minutes."""
    code = slack.codes.get(given)
    if code is None:
        raise SlackError("invalid_code")
    if code.is_used:
        raise SlackError("code_already_used")
    if slack.clock.now() - code.given_at > CODE_LIFE:
        raise SlackError("code_expired")
    if code.redirect_uri != redirect_uri:
        raise SlackError("bad_redirect_uri")
    code.is_used = True
    return {**_granted(slack, code.installation.tokens[-1]), "authed_user": {"id": code.by}}


def refresh_token(slack: FakeSlack, given: str) -> Json:
    """A new pair for a refresh token, which is worth nothing from then on."""
    token = slack.world.refreshes.pop(given, None)
    if token is None or token.installation.is_removed or token.is_revoked:
        raise SlackError("invalid_refresh_token")
    return _granted(slack, issue(slack, token.installation))


def _granted(slack: FakeSlack, token: Token) -> Json:
    here = token.installation
    first = here.workspaces[0]
    lasting = {"refresh_token": token.refresh, "expires_in": int(TOKEN_LIFE.total_seconds())}
    return {
        "ok": True,
        "access_token": token.value,
        "token_type": "bot",
        "scope": ",".join(here.scopes),
        "bot_user_id": here.bot.id,
        "app_id": slack.app.id,
        "team": None if here.is_organisation else {"id": first.id, "name": first.name},
        "enterprise": {"id": here.enterprise, "name": "Organisation"} if here.enterprise else None,
        "is_enterprise_install": here.is_organisation,
        **(lasting if token.refresh else {}),
    }
