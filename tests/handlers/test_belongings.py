"""Taking away what is mine as files."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as some

from handlers.belongings import to_csv
from handlers.messages import File, Message
from storage.reflections import reflections
from tests.handlers.initiatives.plan import define, started
from tests.handlers.retros.review import closed
from tests.handlers.setup import facts, number
from tests.world import CHANNEL, PEOPLE, World, words_of

FORMULAS = (
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "  =1+1",
    "\N{NO-BREAK SPACE}=1+1",
    "\N{IDEOGRAPHIC SPACE}@x",
    "good day\n=1+1",
    "good day\r\n  +1",
    "good day\r=1+1",
)
HARMLESS = ("a = b", "1-2", "me@shop.example", "'quoted", "€49", "", " plain", "“=1”", "a\nb", "🙂")


async def files(world: World, person: str, kind: str) -> dict[str, str]:
    """The files that a person gets, by their names."""
    message = await world.press(person, await world.say(person, "my-data"), f"Export as {kind}")
    assert isinstance(message, Message)
    return {block.name: block.content for block in message.blocks if isinstance(block, File)}


def read(text: str) -> list[dict[str, str]]:
    """A CSV file as a strict reader takes it."""
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert all(None not in row and None not in row.values() for row in rows), "rows of unequal length"
    return rows


def unquoted(cell: str) -> str:
    """A cell without the quotes that were put before formulas."""
    return re.sub(r"(^|\r\n|\r|\n)'(?=\s*[=+\-@＝＋－＠]|\t|\r)", r"\1", cell)


async def test_my_data_says_how_much_is_kept_of_what(world: World) -> None:
    await world.say("ben", "checkin 4")

    message = await world.say("ben", "my-data")

    assert message.title == "What is kept about you"
    assert facts(message)["Your check-ins and pulses, scores and sentences"] == "1 entry"
    assert facts(message)["Your place in the team"] == "1 entry"
    assert [button.label for button in message.buttons] == ["Export as JSON", "Export as CSV", "Erase…"]
    assert "Only you see this." in words_of(message)


async def test_the_json_file_holds_every_word_and_number_of_mine(world: World) -> None:
    await world.say("ben", "checkin 4 Asked three shops “today” <b>&</b> 🙂")

    found = json.loads((await files(world, "ben", "JSON"))["my-data.json"])

    kept = found["reflections"][0]
    assert (kept["score"], kept["sentence"]) == (4, "Asked three shops “today” <b>&</b> 🙂")
    assert (kept["local_date"], kept["created_at"]) == ("2026-11-23", "2026-11-23T08:00:00+00:00")
    assert found["people"][0]["name"] == "Ben Okafor"
    assert found["memberships"][0]["team_id"] == 1


async def test_the_files_hold_what_i_left_anywhere_and_nothing_of_anybody_else(world: World) -> None:
    for who in PEOPLE:
        await world.say(who, f"checkin 3 sentence-canary-{who}")
    await closed(world)  # everybody's answer says "… knows why" and "… learned"
    await define(world, "ben", title="Wallet")

    as_json = "".join((await files(world, "ben", "JSON")).values())
    as_csv = "".join((await files(world, "ben", "CSV")).values())

    for text in (as_json, as_csv):
        assert all(mine in text for mine in ("sentence-canary-ben", "ben knows why", "ben learned", "Wallet"))
        for other in ("ana", "chi", "dev", "eva"):
            assert f"sentence-canary-{other}" not in text
            assert f"{other} knows why" not in text
    assert "Ana Ruiz" not in as_json


async def test_each_csv_file_opens_in_a_strict_reader_with_as_many_rows_as_the_json(world: World) -> None:
    await world.say("ben", 'checkin 3 a "quoted", word; and more')
    await closed(world)

    found = json.loads((await files(world, "ben", "JSON"))["my-data.json"])
    tables = await files(world, "ben", "CSV")

    assert set(tables) == {f"my-{name}.csv" for name, rows in found.items() if rows}
    for name, text in tables.items():
        rows = read(text)
        assert len(rows) == len(found[name.removeprefix("my-").removesuffix(".csv")])
        assert text.endswith("\r\n")


async def test_words_that_would_run_as_a_formula_get_a_quote_and_numbers_do_not(world: World) -> None:
    await world.say("ben", "checkin 4 =HYPERLINK(1)")
    ben = await number(world, "ben")
    async with world.writing() as connection:
        where = reflections.c.person_id == ben
        await connection.execute(sa.update(reflections).where(where).values(score=-2))

    message = await world.press("ben", await world.say("ben", "my-data"), "Export as CSV")

    row = read(next(block.content for block in message.blocks if isinstance(block, File) and "refl" in block.name))
    assert row[0]["sentence"] == "'=HYPERLINK(1)"
    assert row[0]["score"] == "-2"
    assert "a ' stands before them" in words_of(message)


@pytest.mark.parametrize("words", FORMULAS)
def test_a_formula_is_quoted_wherever_a_spreadsheet_would_see_it(words: str) -> None:
    cell = read(to_csv([{"words": words, "number": -5, "part": -0.5}]))[0]

    assert cell["words"] != words
    for line in re.split(r"\r\n|\r|\n", cell["words"]):
        assert line.lstrip()[:1] not in set("=+-@＝＋－＠")
    assert cell["words"][:1] not in ("\t", "\r")
    assert unquoted(cell["words"]) == words
    assert (cell["number"], cell["part"]) == ("-5", "-0.5")


@pytest.mark.parametrize("words", HARMLESS)
def test_other_words_stay_as_they_are(words: str) -> None:
    assert read(to_csv([{"words": words, "more": "x"}]))[0]["words"] == words


@given(
    some.lists(some.text(some.sampled_from("=+-@＝'ab,;\"\t\r\n \N{NO-BREAK SPACE}é🙂"), max_size=12), min_size=1)
)
def test_a_round_trip_loses_nothing_but_the_quote(cells: list[str]) -> None:
    rows: list[dict[str, Any]] = [{"words": cell, "more": "x"} for cell in cells]

    back = [row["words"] for row in read(to_csv(rows))]

    assert [cell.replace("'", "") for cell in back] == [cell.replace("'", "") for cell in cells]
    for cell in back:
        assert not any(line.lstrip()[:1] in set("=+-@＝") for line in re.split(r"\r\n|\r|\n", cell))


async def test_the_files_are_on_a_card_of_their_own_and_change_nothing(world: World) -> None:
    before = await files(world, "ben", "JSON")

    await files(world, "ben", "CSV")

    assert await files(world, "ben", "JSON") == before


async def test_somebody_in_no_team_gets_what_is_kept_of_them(empty_world: World) -> None:
    message = await empty_world.say("ben", "my-data", channel=CHANNEL)

    found = json.loads((await files(empty_world, "ben", "JSON"))["my-data.json"])

    assert list(facts(message)) == ["Your name, zone and role as the chat service tells them"]
    assert [name for name, rows in found.items() if rows] == ["people"]


async def test_work_that_was_started_and_changed_is_in_the_files_of_who_changed_it(world: World) -> None:
    await started(world, "ben")

    tables = await files(world, "ben", "CSV")

    assert read(tables["my-initiatives.csv"])[0]["title"] == "Checkout retry"
