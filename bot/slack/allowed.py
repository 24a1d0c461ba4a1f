"""What a workspace lets the bot do: whether its token works, the scopes it has, the channels it is in."""

from __future__ import annotations

from collections.abc import Iterable

from bot.findings import Finding, State, missing, ok, wrong
from bot.slack.asking import AGAIN, Answer, Asking
from bot.slack.scopes import SCOPES
from storage.condition import Home

INVITE = "Invite it in each: /invite @Worthwhile"


def workspace_of(told: Answer) -> str:
    """The workspace that a working token is of, as the directory knows it: an organisation's id goes first."""
    whole = told.data.get("is_enterprise_install") and told.data.get("enterprise_id")
    return str(whole or told.data.get("team_id", ""))


def token(name: str, told: Answer) -> Finding:
    """Whether a token, called `name`, works as a bot's."""
    if told.error:
        return wrong("bot token", *told.refusal(name))
    if not told.data.get("bot_id"):
        mend = "Take the Bot User OAuth Token, which begins with xoxb-, and no person's."
        return wrong("bot token", f"{name} works, but it is a person's and not the bot's", mend)
    return ok("bot token", f"{name} works: {told.data.get('user')} in {told.data.get('team')}")


def scopes(name: str, told: Answer) -> list[Finding]:
    """A finding for each scope that was not granted, and one for those that are not needed."""
    if told.error or told.scopes is None:
        return []
    lacking = [(scope, why) for scope, why in SCOPES if scope not in told.scopes]
    found = [
        missing("scopes", f"{name} lacks the scope {scope}, without which: {why}", AGAIN) for scope, why in lacking
    ]
    return found or [_enough(name, told.scopes - {scope for scope, _ in SCOPES})]


def _enough(name: str, more: Iterable[str]) -> Finding:
    says = f"{name} has every scope that is needed"
    if not (spare := ", ".join(sorted(more))):
        return ok("scopes", says)
    return ok("scopes", f"{says}, and some that are not: {spare}", "Remove them under OAuth & Permissions.")


async def channels(ask: Asking, token: str, homes: list[Home]) -> list[Finding]:
    """Whether the bot is in these channels, in which teams of one workspace live; a call for each."""
    stands = [(home.name, await _stands(ask, token, home)) for home in homes]
    if closed := [name for name, how in stands if how is State.WRONG]:
        return [
            wrong("channels", f"The bot cannot post to the channel of these teams: {', '.join(closed)}", INVITE)
        ]
    if outside := [name for name, how in stands if how is State.MISSING]:
        says = f"The bot joins the public channels of these teams with its first post: {', '.join(outside)}"
        return [ok("channels", says, f"To be mentioned there before: {INVITE}")]
    return (
        [ok("channels", f"The bot is in the channel of each team that was looked at: {len(homes)}")]
        if homes
        else []
    )


async def _stands(ask: Asking, token: str, home: Home) -> State:
    """OK in it, MISSING where it can join by itself, WRONG where somebody has to invite it."""
    told = await ask("conversations.info", token, channel=home.channel)
    if told.error:  # a private channel is not found by those who are not in it
        return State.WRONG if told.error == "channel_not_found" else State.OK
    channel = told.data.get("channel")
    if not isinstance(channel, dict) or channel.get("is_member"):
        return State.OK
    return State.WRONG if channel.get("is_private") else State.MISSING
