"""The doctor says what is set, reachable, missing or wrong, and how to mend it, and changes nothing."""

from __future__ import annotations

import ast
import asyncio
import json
import socket
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aiohttp
import psycopg
import pytest
from aiohttp.client_reqrep import ConnectionKey
from cryptography.fernet import Fernet

from bot.clock import SteppedClock, SystemClock
from bot.doctor import examine, python, zones
from bot.findings import State, as_json, skewed, unreached
from storage.database import Database
from storage.secrets import Vault
from tests.bot.diagnosis import NOW, about, diagnosed, given, has_installed, only
from tests.bot.slack.standins import BOT_TOKEN, answering_bot
from tests.bot.test_serve import free_port
from tests.certificates import self_signed
from tests.commands import ROOT, bot
from tests.test_docs import quoted, tables


async def test_without_slack_it_says_how_to_connect_it(database_url: str) -> None:
    found = await diagnosed(given(database_url))

    assert only(found, "slack").state is State.MISSING
    assert "python -m bot manifest slack" in only(found, "slack").mend
    assert [finding.check for finding in found if finding.state is not State.OK] == ["slack"]


@pytest.mark.parametrize(
    ("apart", "state"),
    [
        (60, State.OK),
        (61, State.WRONG),
        (-60, State.OK),
        (-61, State.WRONG),
    ],
)
def test_a_clock_may_be_a_minute_off(apart: int, state: State) -> None:
    assert skewed("clock", "Slack's", NOW + timedelta(seconds=apart), NOW).state is state


async def test_the_clock_is_held_against_the_databases(database_url: str) -> None:
    found = await examine(given(database_url), SteppedClock(SystemClock().now() + timedelta(minutes=3)))

    told = about(found, "database clock")
    assert [finding.state for finding in told] == ([State.WRONG] if "postgres" in database_url else [])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"health": "<h1>Welcome</h1>"}, "answered by something else"),
        ({"health": '["ok"]'}, "answered by something else"),
        ({"health": '{"status": "up"}'}, "answered by something else"),
        ({"status": 502}, "answers 502"),
        ({"status": 302}, "sends on to another address"),
    ],
)
async def test_an_address_that_is_not_the_bots_is_noticed(
    options: dict[str, Any], says: str, tmp_path: Path
) -> None:
    async with answering_bot(**options) as address:
        found = await diagnosed(given(f"sqlite:///{tmp_path / 'none.db'}", public_url=address))

    assert says in only(found, "public address").says
    assert "proxy" in only(found, "public address").mend


async def test_a_certificate_that_is_not_trusted_is_noticed(tmp_path: Path) -> None:
    async with answering_bot(ssl=self_signed(tmp_path)) as address:
        found = await diagnosed(given(f"sqlite:///{tmp_path / 'none.db'}", public_url=address))

    assert "certificate that is not trusted" in only(found, "public address").says


async def test_an_address_without_tls_is_noticed(tmp_path: Path) -> None:
    async with answering_bot() as address:
        secure = address.replace("http://", "https://")
        found = await diagnosed(given(f"sqlite:///{tmp_path / 'none.db'}", public_url=secure))

    assert "does not speak TLS" in only(found, "public address").says


PLACE = ConnectionKey("bot.example.com", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (aiohttp.ClientConnectorDNSError(PLACE, socket.gaierror(-2, "unknown")), "leads to no address"),
        (aiohttp.ClientConnectorError(PLACE, ConnectionRefusedError(111, "refused")), "nothing listens there"),
        (TimeoutError(), "does not answer in time"),
        (aiohttp.ServerTimeoutError(), "does not answer in time"),
        (aiohttp.InvalidURL("https://:"), "cannot be read"),
        (aiohttp.ServerDisconnectedError(), "breaks the connection off"),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Exception) else "",
)
def test_each_way_not_to_be_reached_has_its_sentence(error: Exception, says: str) -> None:
    finding = unreached("slack", "Slack", error)

    assert finding.state is State.WRONG
    assert says in finding.says
    assert finding.mend


async def test_missing_keys_are_told_where_tokens_are_stored(database: Database, database_url: str) -> None:
    await has_installed(database, Vault([Fernet.generate_key().decode()]), BOT_TOKEN)

    found = await diagnosed(given(database_url))

    assert only(found, "secret keys").state is State.MISSING
    assert "generate_key" in only(found, "secret keys").mend


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "new.db"

    found = await diagnosed(given(f"sqlite:///{path}"))

    assert only(found, "database").state is State.MISSING
    assert "python -m bot migrate" in only(found, "database").mend
    assert not path.parent.exists()


async def test_an_old_schema_is_told(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "old.db").execute("create table something (id integer)").connection.close()

    found = await diagnosed(given(f"sqlite:///{tmp_path / 'old.db'}"))

    assert only(found, "migrations").state is State.WRONG
    assert "python -m bot migrate" in only(found, "migrations").mend


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("shopping list " * 500)

    found = await diagnosed(given(f"sqlite:///{tmp_path / 'notes.db'}"))

    assert "no SQLite database" in only(found, "database").says


async def test_a_database_server_that_is_not_there_is_told_without_its_password() -> None:
    found = await diagnosed(given(f"postgresql://bot:hunter2@127.0.0.1:{free_port()}/worthwhile"))

    assert "nothing listens at its address" in only(found, "database").says
    assert "hunter2" not in as_json(found)


async def test_an_address_that_is_no_databases_is_told_without_its_password() -> None:
    found = await diagnosed(given("postgresql://bot:hunter2@127.0.0.1:port/worthwhile"))

    assert "no address of a database" in only(found, "database").says
    assert "hunter2" not in as_json(found)


async def test_a_database_that_may_not_be_written_is_told(postgresql_server: Any) -> None:
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute("drop database if exists read_only")
        connection.execute("create database read_only template template_worthwhile")
        connection.execute("alter database read_only set default_transaction_read_only = on")

    found = await diagnosed(given(postgresql_server.get_uri("read_only")))

    assert "it is read-only" in only(found, "database").says


def test_a_look_at_a_file_changes_nothing_in_it(migrated_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "looked-at.db"
    path.write_bytes(migrated_sqlite.read_bytes())

    asyncio.run(diagnosed(given(f"sqlite:///{path}")))

    assert path.read_bytes() == migrated_sqlite.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10), State.WRONG), ((3, 11), State.OK), ((3, 13), State.OK), ((3, 14), State.OK)],
)
def test_a_python_that_is_too_old_is_wrong(version: tuple[int, int], state: State) -> None:
    assert python(version).state is state


def test_missing_time_zone_data_is_told() -> None:
    def empty(name: str) -> ZoneInfo:
        raise ZoneInfoNotFoundError(name)

    assert zones(empty).state is State.MISSING
    assert "tzdata" in zones(empty).mend
    assert zones(ZoneInfo).state is State.OK


def test_the_command_says_a_line_for_each_and_ends_with_1_where_something_is_missing(tmp_path: Path) -> None:
    done = bot("doctor", DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")

    assert done.returncode == 1
    assert done.stderr == ""
    assert all(line.split(" – ")[0].strip() in ("ok", "missing", "wrong") for line in done.stdout.splitlines())
    assert "missing – Slack is not set up" in done.stdout


def test_wrong_settings_are_told_at_once_and_end_with_2() -> None:
    plain = bot("doctor", DATABASE_URL="mysql://somewhere", PORT="many")
    scripted = bot("doctor", "--json", DATABASE_URL="mysql://somewhere", PORT="many")

    assert plain.returncode == scripted.returncode == 2
    assert "DATABASE_URL" in plain.stdout
    assert "PORT" in plain.stdout
    assert not json.loads(scripted.stdout)["ok"]
    assert "Traceback" not in plain.stderr


def sentences() -> list[str]:
    """All that the doctor may say: the texts in the modules that it is made of."""
    places = [*(ROOT / "bot").glob("*.py"), *(ROOT / "bot/slack").glob("*.py")]
    trees = (ast.parse(place.read_text()) for place in places)
    return [
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_what_the_page_explains_is_what_the_doctor_says() -> None:
    says = sentences()

    explained = [quoted(cells[0])[0] for cells in tables("slack.md", "It says")]

    assert explained == sorted(explained, key=str.casefold)
    assert [words for words in explained if not any(words in said for said in says)] == []
