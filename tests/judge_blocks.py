"""Holds what Slack is shown against Slack's own types: python -m tests.judge_blocks.

Writes messages and views as constants of the types of @slack/types and compiles them strictly. The compiler
and the types are fetched into a folder of their own each time, and are no part of the project.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from bot.slack.forms import to_home, to_modal, to_page
from bot.slack.render import render
from handlers.messages import Ask, Button, Choice, Divider, Facts, Form, Input, Message, Note, Scale, Text
from tests.bot.slack.anything import PLACE
from tests.bot.slack.hostile import PLACES, form_of, hostile_text, message_of

PACKAGES = ("@slack/types@3.2.0", "typescript@5.9.3")
SAMPLES = 8
HEAD = 'import type { HomeView, KnownBlock, ModalView } from "@slack/types";\n'
STRICT = ("--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck", "false")

QUESTION = Message(
    "Would Meera be happy to pay for today?",
    (
        Text("If Meera knew what you will spend today on, how happy would she be?"),
        Ask(Input("about", "About", "choice", "#1", choices=(Choice("work", "My work"), Choice("#1", "Retry")))),
        Scale(tuple(Button(str(score), "checkin.save", {"score": str(score)}) for score in range(1, 6))),
        Ask(Input("sentence", "In one sentence", optional=True, hint="Only you see it.")),
        Divider(),
        Facts((("Owner", "Ana Ruiz"), ("Started", "Monday 23 November"))),
        Note("Counted anonymously."),
    ),
    (Button("Start", "start", style="main"), Button("Erase", "erase", style="danger", confirm="Really?")),
    tuple(Button(f"More {number}", "more") for number in range(7)),
)
SETUP = Form(
    "Make #checkout a team",
    "setup",
    (
        Input("name", "Name", value="Checkout"),
        Input("why", "Why", "text", optional=True),
        Input(
            "people", "Who takes part", "many", "1,2", choices=tuple(Choice(str(n), f"P{n}") for n in range(150))
        ),
        Input("visibility", "Who sees it", "choice", "private", choices=(Choice("private", "Only you"),)),
    ),
    intro=(Text("This is what will happen."),),
    errors={"name": "There is a team of that name."},
)


def constants() -> Iterator[tuple[str, list[Any]]]:
    """Everything to be judged, with the type that it has to have."""
    random = Random(1)  # noqa: S311 - a seed repeats it
    drawn = [[hostile_text(random) for _ in range(PLACES)] for _ in range(SAMPLES)]
    said = [QUESTION, Message("T"), Message("Long", (Text("word " * 9_000),)), *map(message_of, drawn)]
    forms = [SETUP, Form("T", "a", ()), *map(form_of, drawn)]
    yield "KnownBlock[]", [page.blocks for message in said for page in render(message)]
    yield "ModalView", [to_page(message, PLACE) for message in said] + [to_modal(form, PLACE) for form in forms]
    yield "HomeView", [to_home(message) for message in said]


def module() -> str:
    """The constants as a module. Each stands alone, so that no key may be there that the type does not know."""
    lines = [
        f"export const c{number}_{place}: {name} = {json.dumps(value)};"
        for number, (name, values) in enumerate(constants())
        for place, value in enumerate(values)
    ]
    return "\n".join([HEAD, *lines, ""])


def main() -> int:
    """Judge everything. Returns 1 where anything is wrong."""
    npm = shutil.which("npm")
    if npm is None:
        sys.stdout.write("npm is not here, so Slack's types judge nothing\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "package.json").write_text('{"type": "module", "private": true}')
        (Path(folder) / "shown.ts").write_text(module())
        options = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save")
        if subprocess.run((npm, "install", *options, *PACKAGES), cwd=folder, check=False).returncode:
            sys.stdout.write("npm brings no types, so they judge nothing\n")
            return 0
        compiler = Path(folder) / "node_modules" / "typescript" / "bin" / "tsc"
        judged = subprocess.run(("node", compiler, *STRICT, "shown.ts"), cwd=folder, check=False)
    sys.stdout.write(f"{module().count('export const')} things shown in Slack: exit code {judged.returncode}\n")
    return judged.returncode


if __name__ == "__main__":
    sys.exit(main())
