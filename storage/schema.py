"""What every table shares: names of constraints, column types, and who owns a row."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant. Naive values are refused going in and come back in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(sa.types.TypeDecorator[Decimal]):
    """A number exactly as it was typed: kept as text, because SQLite has no decimal type."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Weekdays(sa.types.TypeDecorator[tuple[int, ...]]):
    """ISO weekdays, 1 for Monday to 7 for Sunday."""

    impl = sa.String(16)
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else ",".join(map(str, value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[int, ...] | None:
        return None if value is None else tuple(int(day) for day in value.split(","))


def named(kind: type[StrEnum]) -> sa.Enum:
    """A column type for a closed set of names, kept as their text."""
    return sa.Enum(kind, native_enum=False, length=16, values_callable=lambda names: [n.value for n in names])


class Ranked(sa.types.TypeDecorator[IntEnum]):
    """A closed set of names that have an order, kept as their numbers."""

    impl = sa.Integer
    cache_ok = True

    def __init__(self, kind: type[IntEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: IntEnum | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> IntEnum | None:
        return None if value is None else self.kind(value)


class Erasing(StrEnum):
    """What becomes of a row when the person it belongs to erases what is theirs."""

    DELETE = "delete"
    FORGET = "forget"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Privacy:
    """Whose a table's rows are: the column that names the person, and what export and erasure do with them.

    `blanks` are the columns of words emptied, and `owner` set to null, where a row is forgotten rather
    than deleted. `names` are further columns that name somebody beside the owner; each is set to null when
    that person erases what is theirs. `says` names the rows in the preview a person reads; `why_kept` is
    needed where rows with an owner are kept or not exported.
    """

    owner: str | None
    erasing: Erasing = Erasing.KEEP
    exported: bool = True
    blanks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    says: str = ""
    why_kept: str = ""


# Whose each table is, by its name.
PRIVACY: dict[str, Privacy] = {}

NOBODYS = Privacy(owner=None, why_kept="It belongs to the team and names nobody.")


def table(name: str, *columns: sa.schema.SchemaItem, privacy: Privacy) -> sa.Table:
    """A table of one workspace's rows; it says whose they are, because `test_privacy` fails otherwise."""
    PRIVACY[name] = privacy
    return sa.Table(
        name,
        metadata,
        sa.Column("workspace_id", sa.ForeignKey("workspaces.id"), nullable=False),
        *columns,
    )


def key() -> sa.Column[int]:
    """The table's own number."""
    return sa.Column("id", sa.Integer, primary_key=True)


def instant(name: str, *, nullable: bool = True, **options: Any) -> sa.Column[datetime]:
    """A column that holds an instant in UTC."""
    return sa.Column(name, UtcDateTime, nullable=nullable, **options)


def words(name: str) -> sa.Column[str]:
    """A column of people's words; empty where nothing was said."""
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def link(name: str, target: str, *, nullable: bool = False, index: bool = False) -> sa.Column[int]:
    """A reference to another table's row."""
    return sa.Column(name, sa.ForeignKey(target), nullable=nullable, index=index)


def flag(name: str) -> sa.Column[bool]:
    """A yes or no that starts as no."""
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def columns(source: sa.Table, record: Any) -> list[sa.Column[Any]]:
    """The table's columns in the order of a record's fields, so that a row unpacks into the record."""
    return [source.c[field.name] for field in fields(record)]
