"""What must hold of the tree itself: the catalog is complete, and importing a module does nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

import prompts
from handlers.catalog import CATALOG
from handlers.rows import Action, Row
from prompts.questions import bank, rotating

ROOT = Path(__file__).parent.parent
ROWS = [*CATALOG.commands, *CATALOG.actions]
READER = prompts.Reader("en_GB", "UTC", datetime(2026, 11, 23, tzinfo=UTC))
PACKAGES = ("bot", "handlers", "storage", "prompts")
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_handler_takes_exactly_the_fields_of_its_row(row: Row) -> None:
    parameters = list(inspect.signature(row.run).parameters.values())[1:]
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    names = {parameter.name for parameter in parameters}
    needed = {parameter.name for parameter in parameters if parameter.default is parameter.empty}

    assert needed <= {field.name for field in row.fields} <= names


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_with_fields_that_must_be_filled_in_has_words_for_each(row: Row) -> None:
    shown = [field for field in row.fields if field.shown]
    if not any(not field.optional for field in shown) and not row.form:
        return
    said = prompts.say(row.form, READER)

    assert "title" in said
    for field in shown:
        labelled = field.label or field.name in said or f"{field.name}_label" in said
        assert labelled, f"{row.form}.j2 has no words for {field.name}"
        assert all(f"{field.name}_{choice}" in said for choice in field.choices)


@pytest.mark.parametrize("command", CATALOG.commands, ids=lambda command: command.name)
def test_every_command_has_a_line_in_help_all(command: Row) -> None:
    assert command.name.replace("-", "_") in prompts.say("help/verbs", READER)


def test_names_and_aliases_are_each_given_once() -> None:
    names = [row.name for row in ROWS] + [alias for command in CATALOG.commands for alias in command.aliases]

    assert len(names) == len(set(names))


def test_every_row_says_the_role_it_needs() -> None:
    for row in ROWS:
        assert row.role, row.name
    assert all(isinstance(action, Action) for action in CATALOG.actions)


@pytest.mark.parametrize("path", sorted((ROOT / "prompts").rglob("*.j2")), ids=lambda path: path.stem)
def test_a_prompt_reads_and_shouts_nowhere(path: Path) -> None:
    environment = Environment(loader=FileSystemLoader(ROOT / "prompts"), autoescape=False)  # noqa: S701
    tree = environment.parse(path.read_text())

    spoken = [
        piece.data for output in tree.find_all(nodes.Output) for piece in output.find_all(nodes.TemplateData)
    ]
    assert list(tree.find_all(nodes.Block))
    assert not [piece for piece in spoken if "!" in piece or "Oops" in piece]


def test_the_question_bank_has_eight_tenets_and_ids_of_their_own() -> None:
    daily = [question for question in bank() if question.stage == "daily"]

    assert len({question.tenet for question in daily}) == 8
    assert len({question.id for question in bank()}) == len(bank())


def test_the_rotating_question_goes_round_all_of_them() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC).date()
    asked = {rotating("daily", start.replace(day=1 + n), 1).id for n in range(30)}

    assert len(asked) == len([question for question in bank() if question.stage == "daily"])


def test_importing_any_module_with_an_empty_environment_does_nothing(tmp_path: Path) -> None:
    modules = [module for module in MODULES if module != "bot.__main__"]
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfor name in {modules!r}: __import__(name)"

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_only_the_clock_reads_the_time_and_only_settings_the_environment() -> None:
    allowed = {"bot/clock.py", "bot/settings.py"}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text, name = path.read_text(), str(path.relative_to(ROOT))
            if name not in allowed:
                assert "datetime.now(" not in text, name
                assert "date.today(" not in text, name
                assert "time.time(" not in text, name
                assert "os.environ" not in text, name
