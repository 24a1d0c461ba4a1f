"""Who one is, installing, tokens that run out and are exchanged, and sockets."""

from __future__ import annotations

from tests.fakes.slack.api.calls import Call, Method, paged
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.structure import Json
from tests.fakes.slack.tokens import exchange_code, refresh_token


async def test(call: Call) -> Json:
    """auth.test"""
    here = call.installation
    first = here.workspaces[0]
    domain = f"{(here.enterprise or '').lower()}.enterprise" if here.is_organisation else first.domain
    return {
        "ok": True,
        "url": f"https://{domain}.slack.com/",
        "team": first.name,
        "user": here.bot.name,
        "team_id": here.enterprise if here.is_organisation else first.id,
        "user_id": here.bot.id,
        "bot_id": here.bot_id,
        "is_enterprise_install": here.is_organisation,
        **({"enterprise_id": here.enterprise} if here.enterprise else {}),
    }


async def revoke(call: Call) -> Json:
    """auth.revoke"""
    assert call.token
    if not call.flag("test"):
        call.token.is_revoked = True
    return {"ok": True, "revoked": not call.flag("test")}


async def teams_list(call: Call) -> Json:
    """auth.teams.list"""
    every = [{"id": each.id, "name": each.name} for each in call.installation.workspaces]
    return paged(call, every, "teams")


async def connections_open(call: Call) -> Json:
    """apps.connections.open"""
    return {"ok": True, "url": call.slack.sockets.ticket()}


async def access(call: Call) -> Json:
    """oauth.v2.access"""
    app = call.slack.app
    if call.text("client_id") != app.client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != app.client_secret:
        raise SlackError("bad_client_secret")
    kind = call.text("grant_type", "authorization_code")
    if kind == "refresh_token":
        return refresh_token(call.slack, call.text("refresh_token"))
    if kind != "authorization_code":
        raise SlackError("invalid_grant_type")
    return exchange_code(call.slack, call.text("code"), call.text("redirect_uri"))


METHODS = {
    "auth.test": Method(test, takes_json=True),
    "auth.revoke": Method(revoke),
    "auth.teams.list": Method(teams_list),
    "apps.connections.open": Method(connections_open, token="app"),
    "oauth.v2.access": Method(access, token="none"),
}
