"""The app manifest: within Slack's limits, asking for what is used, and the same as the page about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.slack.manifest import EVENTS, link, manifest, written
from bot.slack.scopes import NAMES, SCOPES
from tests.commands import bot
from tests.test_docs import quoted, tables

ADDRESS = "https://bot.example.com"
OVER_HTTP, OVER_SOCKET = manifest(ADDRESS), manifest("", socket=True)
BOTH = pytest.mark.parametrize("made", [OVER_HTTP, OVER_SOCKET], ids=["http", "socket"])

# An event is only delivered to an app with one of these scopes; those that are missing here need none.
NEEDED = {
    "app_mention": {"app_mentions:read"},
    "message.im": {"im:history"},
    "team_join": {"users:read"},
    "user_change": {"users:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
}
BY_PREFIX = {"channel_": {"channels:read", "groups:read"}, "group_": {"groups:read"}}


def texts(made: Any) -> Iterator[str]:
    """Every text in a manifest."""
    if isinstance(made, str):
        yield made
    elif isinstance(made, dict | list):
        for inner in made.values() if isinstance(made, dict) else made:
            yield from texts(inner)


def needed(event: str) -> set[str]:
    """The scopes of which an event needs one."""
    by_prefix = next((scopes for prefix, scopes in BY_PREFIX.items() if event.startswith(prefix)), set())
    return NEEDED.get(event, by_prefix)


@BOTH
def test_every_text_is_within_what_slack_takes(made: dict[str, Any]) -> None:
    about, features = made["display_information"], made["features"]
    command = features["slash_commands"][0]

    assert 1 <= len(about["name"]) <= 35
    assert 1 <= len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4000
    assert len(features["bot_user"]["display_name"]) <= 80
    assert len(command["command"]) <= 32
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert 1 <= len(shortcut["name"]) <= 24
        assert 1 <= len(shortcut["description"]) <= 150
        assert 1 <= len(shortcut["callback_id"]) <= 255


@BOTH
def test_people_can_write_to_the_bot_and_open_its_home(made: dict[str, Any]) -> None:
    features = made["features"]

    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert features["bot_user"] == {"display_name": "Worthwhile", "always_online": True}
    assert [command["command"] for command in features["slash_commands"]] == ["/value"]
    assert not features["slash_commands"][0]["should_escape"]
    assert [(each["type"], each["callback_id"]) for each in features["shortcuts"]] == [
        ("global", "checkin"),
        ("message", "evidence"),
    ]


@BOTH
def test_it_asks_for_the_scopes_and_events_and_no_others(made: dict[str, Any]) -> None:
    events = made["settings"]["event_subscriptions"]["bot_events"]

    assert made["oauth_config"]["scopes"] == {"bot": list(NAMES)}
    assert events == list(EVENTS)
    assert len(set(events)) == len(events) <= 100
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_covered_by_a_scope(event: str) -> None:
    assert not needed(event) or needed(event) & set(NAMES)


def test_no_message_of_a_channel_is_subscribed_to() -> None:
    assert not {"message.channels", "message.groups", "message.mpim"} & set(EVENTS)
    assert {name for name in NAMES if name.endswith(":history")} == {"im:history"}


def test_over_http_slack_is_told_one_address_for_everything() -> None:
    addresses = sorted({text for text in texts(OVER_HTTP) if text.startswith("http")})

    assert addresses == [f"{ADDRESS}/slack/events", f"{ADDRESS}/slack/oauth_redirect"]
    assert not OVER_HTTP["settings"]["socket_mode_enabled"]


def test_over_a_socket_slack_is_told_no_address() -> None:
    assert not [text for text in texts(OVER_SOCKET) if text.startswith("http")]
    assert OVER_SOCKET["settings"]["socket_mode_enabled"]


def test_tokens_expire_only_where_the_bot_is_installed_by_oauth() -> None:
    assert not OVER_HTTP["settings"]["token_rotation_enabled"]
    assert not OVER_SOCKET["settings"]["token_rotation_enabled"]
    assert manifest(ADDRESS, oauth=True)["settings"]["token_rotation_enabled"]


def test_the_link_carries_the_whole_manifest() -> None:
    query = parse_qs(urlsplit(link(OVER_SOCKET)).query)

    assert query["new_app"] == ["1"]
    assert json.loads(query["manifest_json"][0]) == OVER_SOCKET


def test_the_command_prints_the_manifest_for_an_address() -> None:
    done = bot("manifest", "slack", "--url", f"{ADDRESS}/")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == OVER_HTTP


def test_the_address_is_public_url_where_none_is_given() -> None:
    done = bot("manifest", "slack", PUBLIC_URL=ADDRESS)

    assert json.loads(done.stdout) == OVER_HTTP


def test_a_socket_needs_no_address() -> None:
    done = bot("manifest", "slack", "--socket")

    assert json.loads(done.stdout) == OVER_SOCKET


def test_many_workspaces_get_tokens_that_expire() -> None:
    done = bot("manifest", "slack", "--url", ADDRESS, "--oauth")

    assert json.loads(done.stdout) == manifest(ADDRESS, oauth=True)


@pytest.mark.parametrize("wish", [(), ("--oauth",), ("--socket", "--oauth")], ids=" ".join)
def test_without_an_address_it_says_what_is_missing(wish: tuple[str, ...]) -> None:
    done = bot("manifest", "slack", *wish)

    assert done.returncode == 2
    assert "--url" in done.stderr
    assert "PUBLIC_URL" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("address", ["bot.example.com", "http://bot.example.com", "https://", "ftp://example.com"])
def test_an_address_that_slack_would_not_call_is_refused(address: str) -> None:
    done = bot("manifest", "slack", "--url", address)

    assert done.returncode == 2
    assert "https://" in done.stderr


def test_another_service_is_refused_with_the_one_there_is() -> None:
    done = bot("manifest", "irc", "--socket")

    assert done.returncode == 2
    assert "slack" in done.stderr


@pytest.mark.parametrize("page", ["slack.md", "../README.md"])
def test_a_page_has_every_scope_with_its_reason_and_no_other(page: str) -> None:
    told = [(quoted(cells[0])[0], cells[1]) for cells in tables(page, "Scope")]

    assert told == [(name, why.replace("/value", "`/value`")) for name, why in SCOPES]


def test_the_page_has_every_event_with_a_reason_and_no_other() -> None:
    told = {event: cells[1] for cells in tables("slack.md", "Event") for event in quoted(cells[0])}

    assert sorted(told) == sorted(EVENTS)
    assert all(told.values())


def test_the_manifest_is_written_to_be_read() -> None:
    assert json.loads(written(OVER_HTTP)) == OVER_HTTP
    assert len(written(OVER_HTTP).splitlines()) > 50
    assert sys.getsizeof(link(OVER_HTTP)) < 8000  # longer addresses are cut by some browsers and servers
