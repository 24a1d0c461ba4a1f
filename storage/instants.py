"""Instants inside a statement: by the clock that the caller names, or else by the database's own.

Several processes agree on one clock only where it is the database's. Where time is stepped through, in the
playground and in tests, the caller's clock counts instead.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from storage.schema import UtcDateTime


class DatabaseTime(sa.sql.functions.FunctionElement[datetime]):
    """The database's own time, so many seconds from now. SQLite's is that of the process's machine."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(DatabaseTime, "postgresql")
def _on_postgresql(element: DatabaseTime, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"(statement_timestamp() + make_interval(secs => {seconds}))"


@compiles(DatabaseTime, "sqlite")
def _on_sqlite(element: DatabaseTime, compiler: Any, **options: Any) -> str:
    # As SQLAlchemy writes instants there: text with six digits after the seconds.
    seconds = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"


class _Earlier(sa.sql.functions.FunctionElement[datetime]):
    type = UtcDateTime()
    inherit_cache = True


@compiles(_Earlier, "postgresql")
def _least(element: _Earlier, compiler: Any, **options: Any) -> str:
    return f"least({compiler.process(element.clauses, **options)})"


@compiles(_Earlier, "sqlite")
def _min(element: _Earlier, compiler: Any, **options: Any) -> str:
    return f"min({compiler.process(element.clauses, **options)})"


def earlier_of(name: str) -> sa.ColumnElement[datetime]:
    """The earlier of an instant to be bound under this name and of the database's own time.

    A process whose clock is fast promises nothing for later that is due at once.
    """
    return _Earlier(sa.bindparam(name, type_=UtcDateTime), DatabaseTime(sa.literal_column("0")))


def instant_of(name: str) -> sa.ColumnElement[datetime]:
    """An instant that `told` gives to a statement under this name."""
    given = sa.bindparam(name, type_=UtcDateTime)
    seconds = sa.bindparam(f"{name}_in", type_=sa.Float)
    return sa.func.coalesce(given, DatabaseTime(seconds), type_=UtcDateTime())


def told(now: datetime | None, /, **after: timedelta) -> dict[str, Any]:
    """What to bind for instants: each so long after `now` (UTC), or after the database's own time where None."""
    bound: dict[str, Any] = {}
    for name, wait in after.items():
        bound[name] = None if now is None else now + wait
        bound[f"{name}_in"] = wait.total_seconds()
    return bound
