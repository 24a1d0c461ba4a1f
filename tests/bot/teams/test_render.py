"""How messages look in Teams, and that all the product can say is taken there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.teams.buttons import IN_SIGHT
from bot.teams.forms import page, read
from bot.teams.render import card, cards, summary
from handlers.messages import (
    Ask,
    Bar,
    Button,
    Choice,
    Divider,
    Facts,
    File,
    Input,
    Items,
    Message,
    Note,
    Picture,
    Quote,
    Scale,
    Table,
    Text,
)
from tests.bot.matrix import Probe, Stage
from tests.bot.planted import Team
from tests.bot.teams.hostile import shown
from tests.bot.teams.judging import verdict
from tests.bot.teams.samples import SAMPLES
from tests.bot.test_permissions import each_way_in
from tests.world import World

Json = dict[str, Any]


def body(message: Message) -> list[Json]:
    """What is below the title."""
    elements: list[Json] = card(message)["body"]
    return elements[1:]


def every(piece: Any, kind: str) -> Iterator[Json]:
    """Everything of a kind that is drawn, in its order; not what stands in for it on an old client."""
    if isinstance(piece, list):
        for each in piece:
            yield from every(each, kind)
    elif isinstance(piece, dict):
        if re.fullmatch(kind, str(piece.get("type"))):
            yield piece
        for name, each in piece.items():
            if name != "fallback":
                yield from every(each, kind)


def in_sight(elements: list[Json]) -> list[str]:
    """The labels of the buttons that nothing hides."""
    seen = [element for element in elements if element.get("isVisible", True)]
    return [action["title"] for row in every(seen, "ActionSet") for action in row["actions"]]


def some(count: int, **more: Any) -> tuple[Button, ...]:
    return tuple(Button(f"More {number}", "a", **more) for number in range(1, count + 1))


def test_a_message_is_a_title_then_text_then_small_print_then_buttons() -> None:
    message = Message("Saved: 4 of 5", (Text("At 16:00."), Note("Only you see this.")), (Button("Undo", "u"),))

    title, text, note, buttons = card(message)["body"]

    assert (title["text"], title["style"], title["weight"]) == ("Saved: 4 of 5", "heading", "bolder")
    assert text["inlines"] == [{"type": "TextRun", "text": "At 16:00."}]
    assert note["inlines"] == [
        {"type": "TextRun", "text": "Only you see this.", "size": "small", "isSubtle": True}
    ]
    assert [action["title"] for action in buttons["actions"]] == ["Undo"]


TITLES = {
    "Checkout retry: what will success look like, and for whom?": "heading",
    "Planned 20 %, reached 17.4 %": "heading",
    "R&D moves to Wallet-2 (again).": "heading",
    "**Checkout** retry": None,
    "1. Checkout retry": None,
    "2) Checkout retry": None,
    "snake_case": None,
    "evil.example is out": None,
    "https://evil.example": None,
    "[Retry] is released": None,
    "- Retry": None,
    "R&D; more": None,
}


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_a_heading_where_nothing_in_it_could_be_read_as_anything_else(title: str) -> None:
    drawn = card(Message(title))["body"][0]

    assert (drawn.get("style"), shown(drawn)) == (TITLES[title], [title])


def test_a_card_says_its_version_and_what_it_is_where_it_cannot_be_drawn() -> None:
    drawn = card(Message("Saved: 4 of 5"))

    assert (drawn["type"], drawn["version"], drawn["fallbackText"]) == ("AdaptiveCard", "1.5", "Saved: 4 of 5")


def test_a_tap_runs_by_its_verb_and_on_old_clients_by_what_is_sent() -> None:
    (row,) = body(Message("T", (), (Button("Undo", "checkin.undo", {"date": "2026-11-23"}),)))

    (action,) = row["actions"]
    old = action["fallback"]
    assert (action["type"], action["verb"]) == ("Action.Execute", "checkin.undo")
    assert (old["type"], old["title"]) == ("Action.Submit", "Undo")
    assert read(action["data"]) == read(old["data"]) == ("checkin.undo", {"date": "2026-11-23"}, False)


def test_a_button_that_opens_a_form_fetches_a_dialog() -> None:
    (row,) = body(Message("T", (), (Button("Pause", "pause"), Button("Pause now", "pause", {"until": "Monday"}))))

    opens, runs = row["actions"]
    assert (opens["type"], opens["data"]["msteams"]) == ("Action.Submit", {"type": "task/fetch"})
    assert read(opens["data"]) == ("pause", {}, False)
    assert runs["type"] == "Action.Execute"


def test_a_button_whose_form_the_card_itself_asks_for_opens_none() -> None:
    _, row = body(Message("T", (Ask(Input("until", "Until")),), (Button("Pause", "pause"),)))

    assert row["actions"][0]["type"] == "Action.Execute"


def test_in_a_dialog_everything_is_sent() -> None:
    message = Message("T", (Scale((Button("1", "a"),)),), (Button("Pause", "pause"), Button("Go", "b")))

    kinds = {action["type"] for action in every(page(message), r"Action\..*")}

    assert kinds == {"Action.Submit"}
    assert "task/fetch" not in str(page(message))


def test_the_main_button_stands_out() -> None:
    (row,) = body(Message("T", (), (Button("Start", "a", style="main"), Button("Change", "b"))))

    assert [action.get("style") for action in row["actions"]] == ["positive", None]


def test_what_asks_first_runs_only_by_the_button_in_its_question() -> None:
    erase = Button("Erase", "my-data.erase-now", {}, "danger", "Everything goes. Erase it?")

    row, question = body(Message("T", (), (erase,)))

    (first,) = row["actions"]
    assert first["type"] == "Action.ToggleVisibility"
    assert first["targetElements"] == [{"elementId": question["id"], "isVisible": True}]
    assert question["isVisible"] is False
    assert shown(question) == ["Everything goes. Erase it?", "Erase", "Cancel"]
    runs, cancels = question["items"][1]["actions"]
    assert (runs["verb"], runs["style"]) == ("my-data.erase-now", "destructive")
    assert cancels["targetElements"] == [{"elementId": question["id"], "isVisible": False}]


def test_what_asks_first_on_a_scale_or_behind_more_asks_too() -> None:
    sure = {"confirm": "Really?"}

    drawn = card(Message("T", (Scale(some(2, **sure)),), (Button("Go", "b"),), some(3, **sure)))

    hidden = [each for each in every(drawn, "Container") if each.get("isVisible") is False]
    questions = [each for each in hidden if "Really?" in shown(each)]
    inside = [action["verb"] for each in questions for action in every(each, "Action.Execute")]
    assert inside == ["a"] * 5
    assert [action["verb"] for action in every(drawn, "Action.Execute")].count("a") == 5
    assert len({each["id"] for each in hidden}) == len(hidden) == 6


def test_more_is_behind_one_button() -> None:
    elements = body(Message("T", (), (Button("Go", "a"),), some(5)))

    behind = [each for each in elements if each.get("isVisible") is False]
    assert in_sight(elements) == ["Go", "More"]
    assert shown(behind) == [f"More {number}" for number in range(1, 6)]
    assert elements[0]["actions"][1]["targetElements"] == [behind[0]["id"]]


def test_more_never_hides_a_single_button() -> None:
    assert in_sight(body(Message("T", (), (Button("Go", "a"),), some(1)))) == ["Go", "More 1"]


@pytest.mark.parametrize(("count", "expected"), [(5, 5), (6, 6), (7, 6)])
def test_no_more_buttons_are_in_sight_than_teams_shows(count: int, expected: int) -> None:
    elements = body(Message("T", (), some(count)))

    assert len(in_sight(elements)) == expected <= IN_SIGHT
    assert [each for each in shown(elements) if each.startswith("More ")] == [b.label for b in some(count)]


def test_buttons_too_wide_for_a_phone_stand_in_rows() -> None:
    labels = ("Read all answers", "Something to add?", "Change")

    rows = body(Message("T", (), tuple(Button(label, "a") for label in labels)))

    assert [[action["title"] for action in row["actions"]] for row in rows] == [[labels[0]], [*labels[1:]]]


LABELS = ("1 Not at all", "2", "3 So-so", "4", "5 Delighted")


def test_a_scale_is_one_row_of_digits_with_their_meaning_below() -> None:
    scale = Scale(tuple(Button(label, "checkin.save", {"score": label[0]}) for label in LABELS))

    row, legend = body(Message("T", (scale,)))

    assert [text for cell in row["columns"] for text in shown(cell["items"])] == ["1", "2", "3", "4", "5"]
    assert shown(legend) == ["1 Not at all · 3 So-so · 5 Delighted"]
    assert [cell["selectAction"]["title"] for cell in row["columns"]] == list(LABELS)
    assert [read(cell["selectAction"]["data"])[1]["score"] for cell in row["columns"]] == ["1", "2", "3", "4", "5"]


def test_a_scale_of_words_needs_no_legend() -> None:
    (row,) = body(Message("T", (Scale(tuple(Button(label, "a") for label in ("Yes", "Unsure", "No"))),)))

    assert [text for cell in row["columns"] for text in shown(cell["items"])] == ["Yes", "Unsure", "No"]


def test_the_inputs_of_a_card_travel_with_each_of_its_buttons_and_none_is_needed_to_tap() -> None:
    ask = Ask(Input("about", "About", "choice", "#1", choices=(Choice("work", "My work"), Choice("#1", "Retry"))))
    words = Ask(Input("sentence", "In one sentence"))
    scale = Scale((Button("4", "checkin.save", {"score": "4"}),))

    drawn = card(Message("T", (ask, scale, words), (Button("Skip", "checkin.skip"),)))

    tapped = [{**action["data"], "about": "#1"} for action in every(drawn, "Action.Execute")]
    assert [read(data)[1] for data in tapped] == [
        {"about": "#1", "sentence": "", "score": "4"},
        {"about": "#1", "sentence": ""},
    ]
    assert not [each for each in every(drawn, r"Input\..*") if each.get("isRequired")]


def test_facts_are_a_line_each() -> None:
    facts = body(Message("T", (Facts((("Planned", "20 %"), ("Reached", "17.4 %"))),)))

    assert [shown(each) for each in facts] == [["Planned: ", "20 %"], ["Reached: ", "17.4 %"]]


def test_items_are_a_list_with_bullets() -> None:
    assert shown(body(Message("T", (Items(("Retries help cards", "Not wallets")),)))) == [
        "• Retries help cards",
        "• Not wallets",
    ]


def test_a_quote_stands_on_a_ground_of_its_own_with_its_author_below() -> None:
    quote, author = body(Message("T", (Quote("It saved my Saturday", "Meera"),)))

    assert (quote["style"], shown(quote)) == ("emphasis", ["It saved my Saturday"])
    assert shown(author) == ["— Meera"]


def test_a_narrow_table_stands_in_columns() -> None:
    (table,) = body(Message("T", (Table(("Week", "Mean"), (("1", "4.2"), ("2", "4"))),)))

    cells = [[shown(cell)[0] for cell in row["cells"]] for row in table["rows"]]
    assert cells == [["Week", "Mean"], ["1", "4.2"], ["2", "4"]]
    assert [each["width"] for each in table["columns"]] == [4, 4]


def test_a_table_too_wide_for_a_phone_is_a_line_for_each_row() -> None:
    table = Table(("Initiative", "Value", "Effort"), (("Checkout retry for failed wallets", "5 of 5", "3 weeks"),))

    (row,) = body(Message("T", (table,)))

    assert "".join(shown(row)) == "Initiative Checkout retry for failed wallets: Value 5 of 5 · Effort 3 weeks"


def test_a_long_table_repeats_its_head() -> None:
    rows = tuple((str(week), "4.2") for week in range(30))

    tables = body(Message("T", (Table(("Week", "Mean"), rows),)))

    assert [shown(table)[0] for table in tables] == ["Week"] * 3
    assert [text for table in tables for text in shown(table)[2::2]] == [str(week) for week in range(30)]


def test_a_picture_is_bars_as_long_as_their_shares_and_the_same_in_words() -> None:
    bars = (Bar("From", 0.5, "12 %"), Bar("Planned", 1.0, "20 %"), Bar("None", 0.0, "0 %"))

    *drawn, alt = body(Message("T", (Picture("From 12 % to 20 %.", bars),)))

    lengths = [[(part["width"], part["style"]) for part in each["columns"]] for each in drawn[1::2]]
    assert lengths == [[(50, "accent"), (50, "emphasis")], [(100, "accent")], [(100, "emphasis")]]
    assert [shown(each) for each in drawn[::2]] == [["From ", "12 %"], ["Planned ", "20 %"], ["None ", "0 %"]]
    assert shown(alt) == ["From 12 % to 20 %."]


@pytest.mark.parametrize("share", [float("nan"), float("inf"), -1.0, 1.5])
def test_a_share_that_is_none_draws_a_bar_all_the_same(share: float) -> None:
    assert not verdict(Message("T", (Picture("Alt.", (Bar("A", share, "?"),)),)))


def test_a_divider_is_a_line_above_what_follows_it() -> None:
    first, second = body(Message("T", (Text("a"), Divider(), Text("b"))))

    assert ("separator" in first, second["separator"]) == (False, True)


def test_a_file_is_named_where_it_cannot_stand() -> None:
    assert "my-data.json" in shown(body(Message("T", (File("my-data.json", "application/json", "{}"),))))[0]


def test_a_text_with_nothing_to_see_takes_no_room() -> None:
    assert body(Message("T", (Text(""), Note(" "), Facts(()), Items(()), Divider(), Scale(())))) == []


def test_a_notification_is_the_title_in_one_line() -> None:
    assert summary(Message("Checkout retry:\npartly")) == "Checkout retry: partly"


def test_more_than_one_card_takes_is_on_several_with_nothing_lost() -> None:
    items = tuple(f"Sentence number {number} of somebody's." for number in range(400))

    drawn = cards(Message("All answers", (Items(items),), (Button("Go", "a"),)))

    assert len(drawn) > 1
    assert [text[2:] for text in shown(drawn) if text.startswith("•")] == list(items)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_taken(name: str) -> None:
    assert not verdict(SAMPLES[name])


@pytest.mark.parametrize("planted", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", ["lead", "guest"])
async def test_every_answer_to_every_way_in_is_taken(
    stage: Stage, teams: list[Team], every: list[Probe], who: str
) -> None:
    team = teams[0]

    for probe in each_way_in(every):
        reply = await stage.ask(probe.request(team.envelope(who, team.channel)))

        assert not verdict(reply), probe


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_everything_said_in_a_month_is_taken(world: World) -> None:
    form = await world.form("ana", "define-success Checkout retry")
    plan = {"who": "Shop owners", "change": "Cards work", "measure": "Recovered", "source": "dashboard"}
    await world.submit("ana", form, **plan, baseline="12 %", target="20 %", review_days="7 days")
    for name in ("ana", "ben", "chi", "dev", "eva"):
        await world.say(name, "checkin 4 <at>everyone</at> **now**")
    await world.say("ana", "release Checkout retry")
    await world.pass_days(28)

    sent = [each.message for each in world.chat.sent]

    assert len(sent) > 20
    assert not [problem for message in sent for problem in verdict(message)]
