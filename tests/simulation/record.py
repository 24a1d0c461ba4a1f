"""What the database itself notes while the bot runs: all that was promised, as it was committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.database import Connection
from tests.simulation.time import Time

# A promise is a row put, or put again: told from one put back by its being due at another time and untried.
_PUT = "new.tries = 0 and new.state = 'due' and (old.due_at <> new.due_at or old.body <> new.body)"
_NOTED = "new.id, new.key, new.workspace_id, new.person_id, new.channel_id, new.address, new.body, new.priority"
_COLUMNS = "outbox_id, key, workspace_id, person_id, channel_id, address, body, priority"
_TYPES = "outbox_id int, key text, workspace_id int, person_id int, channel_id int, address text, body text"

_NOTE = f"insert into promised ({_COLUMNS}) values ({_NOTED});"  # noqa: S608 - of names above
ON_SQLITE = (
    f"create table promised (number integer primary key, {_TYPES}, priority int)",
    f"create trigger t1 after insert on outbox begin {_NOTE} end",
    f"create trigger t2 after update of body on outbox when {_PUT} begin {_NOTE} end",
)
ON_POSTGRESQL = (
    f"create table promised (number serial primary key, {_TYPES}, priority int)",
    f"""create function note_promise() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' or ({_PUT}) then
        {_NOTE}
    end if; return new; end $$""",
    "create trigger t1 after insert or update of body on outbox for each row execute function note_promise()",
    "create schema simulated",
    """create function simulated.statement_timestamp() returns timestamptz language sql stable as
    $$ select current_setting('simulated.now')::timestamptz $$""",
)


@dataclass(frozen=True, slots=True)
class Promise:
    """A message that was promised: `is_new` tells that nothing of it stood anywhere then."""

    outbox_id: int
    key: str
    workspace_id: int
    person_id: int | None
    channel_id: int | None
    is_new: bool
    body: str
    priority: int


async def begin(connection: Connection) -> None:
    """Have the database take notes from now on."""
    for statement in ON_SQLITE if connection.dialect.name == "sqlite" else ON_POSTGRESQL:
        await connection.execute(sa.text(statement.replace(":", r"\:")))


async def promises(connection: Connection) -> Sequence[Promise]:
    """All that was promised, in order."""
    names = [name.strip() for name in _COLUMNS.split(",")]
    query = f"select {', '.join(names)} from promised order by number"  # noqa: S608 - of names above
    return [
        Promise(
            row.outbox_id,
            row.key,
            row.workspace_id,
            row.person_id,
            row.channel_id,
            not row.address,
            row.body,
            row.priority,
        )
        for row in (await connection.execute(sa.text(query))).all()
    ]


@contextmanager
def database_clock(time: Time) -> Iterator[None]:
    """Let every database that is opened have the machine's clock for its own."""

    def on_connect(connection: Any, _record: object) -> None:
        if hasattr(connection, "create_function"):
            connection.create_function("strftime", -1, lambda _form, _now, after: _text(time.now(), after))
            return
        connection.execute("set search_path = simulated, public, pg_catalog")
        connection.commit()

    def on_begin(connection: sa.Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"set local simulated.now = '{time.now().isoformat()}'")

    sa.event.listen(sa.Pool, "connect", on_connect)
    sa.event.listen(sa.Engine, "begin", on_begin)
    try:
        yield
    finally:
        sa.event.remove(sa.Pool, "connect", on_connect)
        sa.event.remove(sa.Engine, "begin", on_begin)


def _text(now: datetime, after: str) -> str:
    at = now + timedelta(seconds=float(after.removesuffix(" seconds")))
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"
