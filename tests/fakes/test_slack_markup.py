"""The local Slack notices whatever a text would ping, link or format, and lets literal text alone."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.conftest import Bot, modal, section
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.markup import of_blocks, of_mrkdwn


def kinds(text: str, *, verbatim: bool = False) -> set[str]:
    return {each.kind for each in of_mrkdwn(text, verbatim=verbatim)}


@pytest.mark.parametrize(
    "text",
    [
        "<!here>",
        "<!channel>",
        "<!everyone|all>",
        "<@U0ANA>",
        "<@W0ANA|ana>",
        "<!subteam^S012>",
        "now @here",
        "@channel",
    ],
)
def test_a_mention_pings(text: str) -> None:
    assert "ping" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "<https://x.example|safe>",
        "<#C012>",
        "<mailto:a@x.example>",
        "https://x.example",
        "a@x.example",
        "evil.com",
    ],
)
def test_an_address_links(text: str) -> None:
    assert "link" in kinds(text)


@pytest.mark.parametrize(
    "text", ["*bold*", "_so_", "~gone~", "`code`", "> quoted", "&gt; quoted", ":tada:", "<!date^1^{date}|x>"]
)
def test_markup_formats(text: str) -> None:
    assert "format" in kinds(text)


@pytest.mark.parametrize(
    "text",
    ["&lt;!here&gt;", "&lt;@U0ANA&gt;", "2 * 3 * 4", "snake_case_name", "17.4 % of a/b", "3 &gt; 2", "10:30"],
)
def test_escaped_and_plain_words_set_nothing_off(text: str) -> None:
    assert kinds(text) == set()


def test_a_verbatim_text_is_not_searched_for_addresses() -> None:
    assert kinds("https://x.example and @here", verbatim=True) == set()
    assert kinds("<https://x.example>", verbatim=True) == {"link"}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        ({"type": "user", "user_id": "U1"}, "ping"),
        ({"type": "usergroup", "usergroup_id": "S1"}, "ping"),
        ({"type": "broadcast", "range": "here"}, "ping"),
        ({"type": "link", "url": "https://x.example"}, "link"),
        ({"type": "channel", "channel_id": "C1"}, "link"),
        ({"type": "emoji", "name": "tada"}, "format"),
    ],
)
def test_rich_text_does_what_its_elements_say(element: dict[str, Any], kind: str) -> None:
    assert [each.kind for each in of_blocks([rich(element)])] == [kind]


def test_the_words_of_rich_text_and_plain_text_are_literal() -> None:
    hostile = "<!here> *bold* https://x.example @channel"
    plain = {"type": "header", "text": {"type": "plain_text", "text": f"{hostile} :tada:", "emoji": False}}

    assert list(of_blocks([rich({"type": "text", "text": f"{hostile} :tada:"}), plain])) == []


def test_plain_text_makes_emoji_unless_it_is_forbidden() -> None:
    assert [each.what for each in of_blocks({"type": "plain_text", "text": ":tada:"})] == ["emoji :tada:"]


async def test_all_that_is_shown_is_searched(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    room, ana = slack.channel("checkout").id, slack.person("ana")
    view = modal(section("<@U1>"))

    await client.chat_postMessage(channel=room, text="<!here>")
    posted = await client.chat_postMessage(channel=room, text="x", blocks=[section("<!channel>")])
    await client.chat_update(channel=room, ts=posted["ts"], text="<!everyone>")
    await client.views_publish(user_id=ana.id, view={"type": "home", "blocks": [section("<!subteam^S1>")]})
    bot.answers({"text": "<@U2>"})
    await ana.command("/value")
    await client.views_open(trigger_id=bot.payloads[-1]["trigger_id"], view={**view, "submit": view["submit"]})

    assert [each.what for each in slack.pings] == [
        "!here", "!channel", "!everyone", "!subteam^S1", "@U2", "@U1",
    ]  # fmt: skip


async def test_names_ping_only_where_they_are_looked_for(slack: FakeSlack, client: AsyncWebClient) -> None:
    room = slack.channel("checkout").id

    await client.chat_postMessage(channel=room, text="@ana", parse="none", link_names=False)
    assert slack.pings == []

    await client.chat_postMessage(channel=room, text="@ana", link_names=True)
    assert [each.what for each in slack.pings] == ["@ana"]


async def test_a_refused_message_sets_nothing_off(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.fail("chat.postMessage", error="fatal_error")

    with pytest.raises(Exception, match="fatal_error"):
        await client.chat_postMessage(channel=slack.channel("checkout").id, text="<!here>")

    assert slack.traces == []
