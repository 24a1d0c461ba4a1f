"""Secrets at rest: which key opens what, new keys, and keys that are lost."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from storage.database import Connection, Database
from storage.installations import install, installations
from storage.keys import KeysLost, check_keys, reseal
from storage.secrets import BadKey, NoKeys, Vault, WrongKey, WrongWorkspace

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
TOKENS = {"token": "xoxb-1", "refresh_token": "xoxe-1"}
MANY = 450  # more than two batches


async def install_many(database: Database, vault: Vault, count: int = MANY) -> None:
    """Workspaces T0, T1 …, each with tokens sealed by the vault."""

    async def work(connection: Connection) -> None:
        for number in range(count):
            sealed = vault.seal(f"T{number}", {"token": f"xoxb-{number}"})
            await install(connection, "slack", f"T{number}", "Sample", NOW, bot="U1", scopes="", sealed=sealed)

    await database.write(work)


async def sealed_rows(database: Database) -> list[str]:
    """What is sealed, in the order of the workspaces."""

    async def work(connection: Connection) -> list[str]:
        query = sa.select(installations.c.sealed).order_by(installations.c.workspace_id)
        return list((await connection.execute(query)).scalars())

    return await database.read(work)


class StopsHalfWay(Vault):
    """A vault in a process that is killed after a while."""

    left = MANY // 2

    def rotate(self, sealed: str) -> str:
        self.left -= 1
        if self.left < 0:
            raise InterruptedError
        return super().rotate(sealed)


def test_what_is_sealed_opens_as_it_was_and_shows_nothing() -> None:
    vault = Vault([NEW])

    sealed = vault.seal("T1", TOKENS)

    assert vault.open("T1", sealed) == TOKENS
    assert "xox" not in sealed


def test_what_was_sealed_for_another_workspace_is_refused() -> None:
    vault = Vault([NEW])

    with pytest.raises(WrongWorkspace, match="install the bot again"):
        vault.open("T2", vault.seal("T1", TOKENS))


def test_an_older_key_opens_and_the_newest_seals() -> None:
    sealed = Vault([OLD]).seal("T1", TOKENS)
    both = Vault.from_text(f" {NEW}, {OLD} ,")

    anew = both.rotate(sealed)

    assert both.open("T1", sealed) == TOKENS
    assert [both.is_current(sealed), both.is_current(anew)] == [False, True]
    assert Vault([NEW]).open("T1", anew) == TOKENS


@pytest.mark.parametrize("sealed", [Vault([OLD]).seal("T1", TOKENS), "", "not sealed at all", "é"])
def test_what_no_key_opens_is_refused_with_the_way_out(sealed: str) -> None:
    vault = Vault([NEW])

    for attempt in (partial(vault.open, "T1"), vault.rotate):
        with pytest.raises(WrongKey, match="Put the key that sealed it back"):
            attempt(sealed)


@pytest.mark.parametrize("text", ["", " , "])
def test_no_key_at_all_is_told_with_the_way_to_make_one(text: str) -> None:
    with pytest.raises(NoKeys, match=r"generate_key"):
        Vault.from_text(text)


def test_a_key_that_is_none_is_named_by_its_place() -> None:
    with pytest.raises(BadKey, match="Key 2 of SECRET_KEYS"):
        Vault.from_text(f"{NEW},hunter2")


async def test_a_new_key_takes_over_every_workspace(database: Database) -> None:
    await install_many(database, Vault([OLD]))

    resealed = await reseal(database, Vault([NEW, OLD]))

    assert resealed == MANY
    assert await check_keys(database, Vault([NEW])) == MANY
    assert await reseal(database, Vault([NEW, OLD])) == 0


async def test_sealing_anew_that_is_killed_half_way_leaves_all_readable_and_goes_on(database: Database) -> None:
    await install_many(database, Vault([OLD]))
    both = Vault([NEW, OLD])

    with pytest.raises(InterruptedError):
        await reseal(database, StopsHalfWay([NEW, OLD]))

    current = [both.is_current(sealed) for sealed in await sealed_rows(database)]
    assert 0 < sum(current) < MANY
    assert await check_keys(database, both) == MANY
    assert await reseal(database, both) == MANY - sum(current)


async def test_a_lost_key_is_told_with_the_number_of_workspaces_and_nothing_is_overwritten(
    database: Database,
) -> None:
    await install_many(database, Vault([OLD]), 3)

    async def add_one(connection: Connection) -> None:
        sealed = Vault([NEW]).seal("T9", TOKENS)
        await install(connection, "slack", "T9", "Sample", NOW, bot="U1", scopes="", sealed=sealed)

    await database.write(add_one)
    before = await sealed_rows(database)

    with pytest.raises(KeysLost, match="3 of 4 workspaces"):
        await check_keys(database, Vault([NEW]))
    with pytest.raises(WrongKey):
        await reseal(database, Vault([OTHER]))

    assert await sealed_rows(database) == before


async def test_rows_that_were_mixed_up_are_found(database: Database) -> None:
    vault = Vault([NEW])

    async def work(connection: Connection) -> None:
        await install(
            connection, "slack", "T1", "Sample", NOW, bot="U1", scopes="", sealed=vault.seal("T2", TOKENS)
        )

    await database.write(work)

    with pytest.raises(KeysLost, match="1 of 1"):
        await check_keys(database, vault)
