"""The documentation says what there is: nothing is left out, nothing is invented, and examples are true."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from jinja2 import Environment, nodes

from bot.__main__ import cli
from bot.settings import Settings
from handlers import backing_off
from handlers.catalog import CATALOG
from handlers.rows import Command, Nudge
from handlers.typed.amounts import parse_amount, write_amount
from handlers.typed.calendar_days import written
from handlers.typed.dates import parse_date
from handlers.typed.refusals import Ambiguous, Refused
from handlers.typed.spans import parse_days_span, parse_until
from handlers.typed.times import parse_time
from handlers.typed.weekdays import parse_days, write_days
from handlers.typed.zones import parse_zone
from storage.directory import REMOVED, STOPPED, Role
from storage.schema import PRIVACY, Erasing

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0)
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
RECIPE = FENCED.findall((ROOT / "CONTRIBUTING.md").read_text())
ERASED = {Erasing.DELETE: "deleted", Erasing.FORGET: "your name", Erasing.KEEP: "kept"}

Cells = list[str]


def tables(page: str, *head: str) -> Iterator[Cells]:
    """The rows of every table of a page whose head begins so."""
    inside = False
    for line in (DOCS / page).read_text().splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells:
            inside = False
        elif cells[: len(head)] == list(head):
            inside = True
        elif inside and not set("".join(cells)) <= set("-"):
            yield cells


def quoted(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def names(page: str, *head: str) -> list[str]:
    """What stands in backticks first in each row of those tables."""
    return [quoted(cells[0])[0] for cells in tables(page, *head)]


def without_code(text: str) -> str:
    """The prose of a page."""
    return FENCED.sub("", text)


def anchors(page: Path) -> set[str]:
    """What a link may name in a page: its headings, as the usual renderers spell them."""
    heads = re.findall(r"^#+ (.+)$", without_code(page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().casefold().replace(" ", "-") for head in heads}


def test_every_command_is_on_its_page_and_no_other() -> None:
    assert sorted(names("commands.md", "Verb")) == sorted(command.name for command in CATALOG.commands)


@pytest.mark.parametrize("command", CATALOG.commands, ids=lambda command: command.name)
def test_a_command_has_its_other_names_an_example_and_who_may(command: Command) -> None:
    _, also, does, follows, example, who = next(
        cells for cells in tables("commands.md", "Verb") if quoted(cells[0]) == [command.name]
    )

    assert quoted(also) == list(command.aliases)
    assert does
    assert follows
    assert quoted(example)[0].split()[0] == command.name
    assert ("everybody" in who) is (not command.in_team and command.role <= Role.MEMBER)
    assert command.role <= Role.MEMBER or ("admin" if command.role is Role.ADMIN else "lead") in who


def test_every_button_is_on_the_page_of_commands_and_no_other() -> None:
    assert sorted(names("commands.md", "Action")) == sorted(action.name for action in CATALOG.actions)


def test_a_button_for_leads_says_so() -> None:
    said = {quoted(cells[0])[0]: cells[-1] for cells in tables("commands.md", "Action")}

    for action in CATALOG.actions:
        needed = {Role.LEAD: "leads", Role.ADMIN: "admins"}.get(action.role)
        who = needed or ("members" if action.in_team else "everybody")
        assert who in said[action.name] or "owner" in said[action.name], action.name


def test_every_nudge_is_on_its_page_and_no_other() -> None:
    assert names("nudges.md", "Nudge") == [nudge.name for nudge in CATALOG.nudges]


@pytest.mark.parametrize("nudge", CATALOG.nudges, ids=lambda nudge: nudge.name)
def test_a_nudge_says_how_late_it_may_come(nudge: Nudge) -> None:
    cells = next(cells for cells in tables("nudges.md", "Nudge") if quoted(cells[0]) == [nudge.name])
    days, hours = nudge.window.days, nudge.window.seconds // 3600

    assert cells[3] == (f"{days} days" if days else f"{hours} hours")


@pytest.mark.parametrize("nudge", CATALOG.nudges, ids=lambda nudge: nudge.name)
def test_a_nudge_says_its_place_in_the_day_its_priority_and_its_reminder(nudge: Nudge) -> None:
    cells = next(cells for cells in tables("nudges.md", "Nudge") if quoted(cells[0]) == [nudge.name])
    places = {"card": "the card of the day", "part": "within the card", "beside": "by itself"}
    place = "asked for" if nudge.asked_for else "the channel" if nudge.audience == "team" else places[nudge.place]
    limited = nudge.audience == "person" and not nudge.asked_for

    assert cells[5].startswith(place)
    assert quoted(cells[5]) == ([nudge.reminder] if nudge.reminder else [])
    assert cells[6] == (str(nudge.priority) if limited else "")


def reasons() -> set[str]:
    """Every reason for which a nudge is skipped, read from the source."""
    found = {REMOVED, STOPPED, backing_off.ASK, backing_off.UNANSWERED}
    for path in (*(ROOT / "handlers").rglob("*.py"), ROOT / "bot/nudges/sweep.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in ("Skipped", "Decision", "put_off"):
                found |= {text for given in node.args for text in _texts(given)}
            if isinstance(node, ast.FunctionDef) and node.name in ("spared", "why_off"):
                returned = [back.value for back in ast.walk(node) if isinstance(back, ast.Return) and back.value]
                found |= {text for value in returned for text in _texts(value)}
            if isinstance(node, ast.keyword) and node.arg == "reason" and isinstance(node.value, ast.Constant):
                found.add(str(node.value.value))
    return {reason for reason in found if reason}


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be; of one with a name in it, what stands before the name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (text.removesuffix(": ") for text in _texts(node.values[0]))
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))


def test_every_reason_to_skip_a_nudge_is_explained_and_no_other() -> None:
    in_the_table = {reason for cells in tables("nudges.md", "Nudge") for reason in quoted(cells[4])}

    assert reasons() == set(names("nudges.md", "Reason"))
    assert in_the_table <= reasons()


def test_every_setting_is_on_its_page_with_its_default_and_no_other() -> None:
    told = {quoted(cells[0])[0]: "".join(quoted(cells[1])) for cells in tables("settings.md", "Setting")}

    assert told == {name.upper(): str(field.default) for name, field in Settings.model_fields.items()}


def test_the_example_of_settings_names_each_with_its_default() -> None:
    told = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert told == {name.upper(): str(field.default) for name, field in Settings.model_fields.items()}


def _verbs(command: Any, path: str = "") -> Iterator[str]:
    """The commands of the command line, those of a group with the group's name before them."""
    inner = getattr(command, "commands", {})
    if not inner or (path and command.invoke_without_command):
        yield path
    for name, found in inner.items():
        yield from _verbs(found, f"{path} {name}".strip())


def test_every_command_of_the_command_line_is_on_the_page_of_operations_and_no_other() -> None:
    told = [
        re.findall(r"[a-z]+", name.removeprefix("python -m bot")) for name in names("operations.md", "Command")
    ]

    assert {" ".join(words).removesuffix(" slack") for words in told} == set(_verbs(typer.main.get_command(cli)))


def test_every_make_target_is_on_the_page_of_operations_and_no_other() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert names("operations.md", "Target") == [f"make {target}" for target in targets]


def test_no_page_names_a_make_target_that_is_not_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    for page in PAGES:
        named = re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE)
        assert set(named) <= targets, page.name


def test_every_table_is_on_the_page_of_privacy_and_no_other() -> None:
    assert sorted(names("privacy.md", "Table")) == sorted(PRIVACY)


@pytest.mark.parametrize("name", sorted(PRIVACY))
def test_a_table_says_whose_it_is_and_what_becomes_of_it(name: str) -> None:
    privacy = PRIVACY[name]
    _, holds, owner, exported, erased = next(
        cells for cells in tables("privacy.md", "Table") if quoted(cells[0]) == [name]
    )

    assert holds
    assert quoted(owner) == ([privacy.owner] if privacy.owner else [])
    if privacy.owner:
        assert exported == ("yes" if privacy.exported else "no")
        assert erased.startswith(ERASED[privacy.erasing])
        assert ("words" in erased) is bool(privacy.blanks)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(without_code(page.read_text())):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page

        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def test_every_page_and_decision_is_in_the_index() -> None:
    index = (DOCS / "index.md").read_text()

    for page in DOCS.rglob("*.md"):
        assert page.name == "index.md" or f"({page.relative_to(DOCS)})" in index, page.name


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(page.name[:4]) for page in (DOCS / "decisions").glob("*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def examples(heading: str) -> list[Cells]:
    """The rows of the table under a heading of the page of commands."""
    part = (DOCS / "commands.md").read_text().partition(f"### {heading}\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| (.+) \|$", part, re.MULTILINE)
    assert rows, heading
    return [list(row) for row in rows]


def _amount(text: str, locale: str) -> str:
    amount = parse_amount(text, locale)
    return write_amount(amount.value, amount.unit, locale)


READ: dict[str, Callable[[str, str], str]] = {
    "Numbers and money": _amount,
    "Dates": lambda text, locale: written(parse_date(text, TODAY, locale, future=True)),
    "Dates that are past": lambda text, locale: written(parse_date(text, TODAY, locale, future=False)),
    "Lengths of time": lambda text, locale: str(parse_days_span(text, locale)),
    "Pauses": lambda text, locale: written(parse_until(text, NOW, locale)),
    "Times of day": lambda text, locale: f"{parse_time(text, locale):%H:%M}",
    "Days of the week": lambda text, locale: write_days(parse_days(text, locale), "en"),
    "Time zones": lambda text, _locale: parse_zone(text),
}


@pytest.mark.parametrize(
    ("heading", "typed", "locale", "told"),
    [pytest.param(heading, *row, id=f"{heading}: {row[0]}") for heading in READ for row in examples(heading)],
)
def test_typed_words_are_read_as_the_page_says(heading: str, typed: str, locale: str, told: str) -> None:
    found = read_as(heading, typed, locale)

    assert found == (told if isinstance(found, str) else quoted(told))


def read_as(heading: str, typed: str, locale: str) -> str | list[str]:
    """What is read, "refused", or the choices that are asked about."""
    try:
        return " ".join(READ[heading](typed, locale).split())
    except Ambiguous as asked:
        return [choice for choice, _ in asked.choices]
    except Refused:
        return "refused"


@pytest.mark.parametrize("code", [code for kind, code in RECIPE if kind == "python"])
def test_the_python_of_the_recipe_parses_and_imports_what_there_is(code: str) -> None:
    tree = ast.parse(_complete(code))

    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[-1] != "sprints":
            module = importlib.import_module(node.module)
            assert all(hasattr(module, name.name) for name in node.names), ast.unparse(node)


def _complete(code: str) -> str:
    """Lines that belong inside of something, inside of it."""
    if code.lstrip().startswith("case "):
        return f"match block:\n{code}"
    return f"async def handler():\n{code}" if code.startswith(" ") else code


@pytest.mark.parametrize("code", [code for kind, code in RECIPE if kind == "jinja"])
def test_the_prompts_of_the_recipe_parse(code: str) -> None:
    assert list(Environment(autoescape=True).parse(code).find_all(nodes.Block))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_shouts(page: Path) -> None:
    assert "!" not in re.sub(r"`[^`]*`|!\[", "", without_code(page.read_text()))
