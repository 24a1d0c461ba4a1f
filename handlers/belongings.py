"""What is kept about a person: to be taken away as files, or erased."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from handlers.context import Context
from handlers.messages import REPLY, Block, Button, Facts, File, Items, Message, Note, Text
from handlers.retros import summaries
from storage.schema import Erasing

NUMBER = (int, float, Decimal)
SIGNS = frozenset("=+-@＝＋－＠")
LINE_END = re.compile(r"(\r\n|\r|\n)")


async def show(context: Context) -> Message:
    """How much is kept, and what can be done with it."""
    held = await context.store.belongings.holdings(context.me.id)
    said = context.say("mine/data")
    rows = tuple((one.says[:1].upper() + one.says[1:], said("rows", count=one.rows)) for one in held)
    buttons = (
        Button(said.json, "my-data.json"),
        Button(said.csv, "my-data.csv"),
        Button(said.erase, "my-data.erase", style="danger"),
    )
    return Message(said.title, (Facts(rows) if rows else Text(said.nothing), Note(said.only_you)), buttons)


async def as_json(context: Context) -> Message:
    """Everything as one JSON file."""
    found = await context.store.belongings.export(context.me.id)
    text = json.dumps(found, default=_plain, ensure_ascii=False, indent=2)
    said = context.say("mine/data")
    return Message(said.ready, (File("my-data.json", "application/json", text), Note(said.times)))


async def as_csv(context: Context) -> Message:
    """Everything as CSV, one file for each kind of thing kept."""
    found = await context.store.belongings.export(context.me.id)
    files = tuple(File(f"my-{name}.csv", "text/csv", to_csv(rows)) for name, rows in found.items() if rows)
    said = context.say("mine/data")
    return Message(said.ready, (*files, Note(said.times), Note(said.quoted)))


async def preview_erasing(context: Context) -> Message:
    """What would go and what would stay, before anything is erased."""
    held = await context.store.belongings.holdings(context.me.id)
    said = context.say("mine/erase")
    goes = tuple(said("line", one=one) for one in held if one.erasing is Erasing.DELETE)
    stays = tuple(said("line", one=one) for one in held if one.erasing is Erasing.FORGET)
    blocks: list[Block] = [Text(said.goes), Items(goes or (said.nothing,))]
    blocks += [Text(said.forgets), Items(stays)] if stays else []
    blocks += [Text(said.stays), Items((said.figures, said.chat, said.profile))]
    erase = Button(said.erase, "my-data.erase-now", style="danger", confirm=said.confirm)
    return Message(
        said.title, tuple(blocks), (erase, Button(said.export, "my-data.json"), Button(said.keep, "me"))
    )


async def erase(context: Context) -> Message:
    """Erase everything that is the person's, and draw anew what was posted with their name."""
    said = context.say("mine/erase")
    async with summaries.redraw_summaries_of(context, context.me.id):
        await context.store.belongings.erase(context.me.id)
        await context.store.belongings.empty_copies(REPLY.dump_json(Message(said.copy)).decode())
    return Message(said.done, (Text(said.done_body),))


def to_csv(rows: list[dict[str, Any]]) -> str:
    """Rows as a CSV file with a head; no cell of it runs as a formula."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    """A value as a spreadsheet may safely read it: text that would be a formula gets a quote before it.

    The quote also goes before a formula behind leading spaces or after a line break, as OWASP advises.
    """
    if value is None or isinstance(value, NUMBER):
        return value
    text = str(_plain(value))
    parts = LINE_END.split(text)  # lines, and between them what ended each
    safe = "".join(f"'{part}" if _is_formula(part) else part for part in parts)
    return f"'{safe}" if text.startswith("\r") else safe


def _is_formula(line: str) -> bool:
    return line.startswith("\t") or line.lstrip()[:1] in SIGNS


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
