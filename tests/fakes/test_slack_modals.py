"""The local Slack's modals and home pages: triggers, hashes, the stack, and what a client sends."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.conftest import Bot, actions, answered, asking, button, client_of, modal, refusal
from tests.fakes.slack import FakeSlack, Page, StillClock


async def trigger_of(slack: FakeSlack, bot: Bot) -> str:
    """A trigger, as a command brings one."""
    await slack.person("ana").command("/value", channel="checkout")
    return str(bot.payloads[-1]["trigger_id"])


async def opened(slack: FakeSlack, bot: Bot, client: AsyncWebClient, view: dict[str, Any]) -> Page:
    """A modal, open before Ana."""
    await client.views_open(trigger_id=await trigger_of(slack, bot), view=view)
    page = slack.person("ana").modal
    assert page
    return page


@pytest.mark.parametrize(("seconds", "error"), [(2.9, ""), (3, ""), (3.1, "expired_trigger_id")])
async def test_a_trigger_lives_three_seconds(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient, clock: StillClock, seconds: float, error: str
) -> None:
    trigger = await trigger_of(slack, bot)
    clock.advance(seconds)

    call = client.views_open(trigger_id=trigger, view=modal())

    assert (await refusal(call) if error else (await call).get("error", "")) == error


async def test_a_trigger_is_worth_one_modal(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    trigger = await trigger_of(slack, bot)
    await client.views_open(trigger_id=trigger, view=modal())

    assert await refusal(client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
    assert await refusal(client.views_open(trigger_id="1.2.3", view=modal())) == "invalid_trigger_id"


async def test_a_trigger_is_of_one_workspace(slack: FakeSlack, bot: Bot) -> None:
    elsewhere = client_of(slack, slack.add_workspace("Other").token)
    trigger = await trigger_of(slack, bot)

    assert await refusal(elsewhere.views_open(trigger_id=trigger, view=modal())) == "invalid_trigger_id"


async def test_a_wrong_view_is_refused_with_its_places(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    trigger = await trigger_of(slack, bot)

    assert await refusal(client.views_open(trigger_id=trigger, view=modal(title="x" * 25))) == "invalid_arguments"
    assert slack.calls[-1].answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert (await client.views_open(trigger_id=trigger, view=modal()))["ok"], "the trigger is still good"


@pytest.mark.parametrize(("over", "error"), [(0, "invalid_arguments"), (1, "view_too_large")])
async def test_a_view_has_a_size(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient, over: int, error: str
) -> None:
    trigger = await trigger_of(slack, bot)
    view = modal(private_metadata="")
    compact = len(str(view).replace("'", '"'))
    view["private_metadata"] = "x" * (250 * 1024 - compact + over)

    assert await refusal(client.views_open(trigger_id=trigger, view=view)) == error


async def test_three_modals_stand_on_each_other(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    await opened(slack, bot, client, modal(title="One"))
    await client.views_push(trigger_id=await trigger_of(slack, bot), view=modal(title="Two"))
    await client.views_push(trigger_id=await trigger_of(slack, bot), view=modal(title="Three"))

    fourth = client.views_push(trigger_id=await trigger_of(slack, bot), view=modal(title="Four"))

    assert await refusal(fourth) == "push_limit_reached"
    ana = slack.person("ana")
    assert ana.modal
    assert ana.modal.title == "Three"
    await ana.close()
    assert ana.modal.title == "Two"
    await ana.close(all_of_them=True)
    assert ana.modal is None


async def test_an_update_with_an_old_hash_is_a_conflict(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    page = await opened(slack, bot, client, modal(title="One"))
    first = page.view.hash

    await client.views_update(view_id=page.view.id, hash=first, view=modal(title="Two"))

    late = client.views_update(view_id=page.view.id, hash=first, view=modal(title="Three"))
    assert await refusal(late) == "hash_conflict"
    assert page.title == "Two"


async def test_a_closed_modal_cannot_be_updated(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    page = await opened(slack, bot, client, modal())

    await slack.person("ana").close()

    assert await refusal(client.views_update(view_id=page.view.id, view=modal())) == "not_found"


async def test_an_external_id_names_one_view(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    await opened(slack, bot, client, modal(external_id="mine"))

    twice = client.views_push(trigger_id=await trigger_of(slack, bot), view=modal(external_id="mine"))

    assert await refusal(twice) == "duplicate_external_id"
    await client.views_update(external_id="mine", view=modal(title="Two", external_id="mine"))
    page = slack.person("ana").modal
    assert page
    assert page.title == "Two"


async def test_a_home_page_is_published_and_again(slack: FakeSlack, client: AsyncWebClient) -> None:
    ana = slack.person("ana")
    home = {"type": "home", "blocks": [actions(button("Answer"))]}

    first = await client.views_publish(user_id=ana.id, view=home)
    await client.views_publish(user_id=ana.id, view=home, hash=first["view"]["hash"])

    assert ana.home
    assert ana.home.buttons == ["Answer"]
    stale = client.views_publish(user_id=ana.id, view=home, hash=first["view"]["hash"])
    assert await refusal(stale) == "hash_conflict"
    assert await refusal(client.views_publish(user_id=ana.id, view=modal())) == "invalid_arguments"
    assert await refusal(client.views_publish(user_id="U0NOBODY", view=home)) == "user_not_found"


async def test_a_submission_carries_defaults_and_what_was_filled_in(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    choices = [{"text": {"type": "plain_text", "text": each}, "value": each.lower()} for each in ("Yes", "No")]
    picking = asking("Sure?", "sure", type="static_select", options=choices, initial_option=choices[1])
    optional = {**asking("Why", "why"), "optional": True}
    await opened(slack, bot, client, modal(asking(), picking, optional, private_metadata="kept"))

    await slack.person("ana").submit(fill={"Name": "Refunds <3"})

    view = bot.payloads[-1]["view"]
    values = view["state"]["values"]
    assert values["name"]["value"]["value"] == "Refunds <3"
    assert values["sure"]["value"]["selected_option"]["value"] == "no"
    assert values["why"]["value"]["value"] is None
    assert view["private_metadata"] == "kept"
    assert slack.person("ana").modal is None


async def test_a_client_asks_for_what_is_missing_before_it_submits(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    await opened(slack, bot, client, modal(asking(max_length=5)))

    with pytest.raises(AssertionError, match="asks for"):
        await slack.person("ana").submit()
    with pytest.raises(AssertionError, match="more than 5"):
        await slack.person("ana").submit(fill={"Name": "sixsix"})


async def test_errors_stand_beside_fields_and_nothing_typed_is_lost(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    ana = slack.person("ana")
    await opened(slack, bot, client, modal())
    bot.answers({"response_action": "errors", "errors": {"name": "Taken"}})

    seen = await ana.submit(fill={"Name": "Refunds"})

    assert isinstance(seen, Page)
    assert seen.errors == {"Name": "Taken"}
    bot.answers()
    await ana.submit()
    assert bot.payloads[-1]["view"]["state"]["values"]["name"]["value"]["value"] == "Refunds"


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"other": "x"}},
        {"response_action": "errors", "errors": {"row": "x"}},
        {"response_action": "errors", "errors": {"name": ""}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "refuse"},
        {"text": "thanks"},
    ],
)
async def test_a_wrong_answer_to_a_submission_is_shown_as_trouble(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient, answer: dict[str, Any]
) -> None:
    ana = slack.person("ana")
    await opened(slack, bot, client, modal(asking(), actions(button())))
    bot.answers(answer)

    await ana.submit(fill={"Name": "x"})

    assert ana.modal
    assert ana.errors[0].startswith("We had some trouble connecting")


async def test_a_submission_updates_pushes_or_clears(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    ana = slack.person("ana")
    await opened(slack, bot, client, modal(title="One"))

    bot.answers({"response_action": "update", "view": modal(title="Two")})
    await ana.submit(fill={"Name": "x"})
    bot.answers({"response_action": "push", "view": modal(title="Three")})
    await ana.submit(fill={"Name": "y"})
    assert [view.body["title"]["text"] for view in ana.state.modals] == ["Two", "Three"]
    bot.answers({"response_action": "clear"})
    await ana.submit(fill={"Name": "z"})

    assert ana.modal is None
    assert ana.errors == []


async def test_an_answer_for_a_modal_that_was_closed_meanwhile_finds_nothing(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    ana = slack.person("ana")
    await opened(slack, bot, client, modal())

    async def too_late(payload: dict[str, Any]) -> web.StreamResponse:
        await ana.close()
        return answered({"response_action": "update", "view": modal(title="Two")})

    bot.answer = too_late
    await ana.submit(fill={"Name": "x"})

    assert ana.modal is None
    assert "not_found" in ana.errors[0]


async def test_closing_is_told_where_it_is_asked_for(slack: FakeSlack, bot: Bot, client: AsyncWebClient) -> None:
    await opened(slack, bot, client, modal(notify_on_close=True))

    await slack.person("ana").close()

    assert bot.payloads[-1]["type"] == "view_closed"
    assert bot.payloads[-1]["is_cleared"] is False
    assert "trigger_id" not in bot.payloads[-1]


async def test_what_is_typed_stays_through_an_update_that_keeps_the_ids(
    slack: FakeSlack, bot: Bot, client: AsyncWebClient
) -> None:
    ana = slack.person("ana")
    page = await opened(slack, bot, client, modal(asking(), actions(button("More"))))

    async def more(payload: dict[str, Any]) -> web.StreamResponse:
        kept, new = asking(), asking("Fresh", "fresh", initial_value="new")
        await client.views_update(view_id=payload["view"]["id"], view=modal(kept, new))
        return answered()

    bot.answer = more
    await ana.press(page, "More", fill={"Name": "typed"})
    bot.answers()
    await ana.submit()

    values = bot.payloads[-1]["view"]["state"]["values"]
    assert values["name"]["value"]["value"] == "typed"
    assert values["fresh"]["value"]["value"] == "new"
