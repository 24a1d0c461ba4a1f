"""The keys that seal tokens: whether they open everything there is, and sealing anew with the newest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from storage.database import Connection, Database
from storage.directory import workspaces
from storage.installations import installations
from storage.secrets import SecretsError, Vault

BATCH = 200


@dataclass(frozen=True, slots=True)
class Sealed:
    """A workspace's tokens as they stand. `workspace` is the chat service's id of it."""

    workspace_id: int
    workspace: str
    sealed: str


async def _every_sealed(database: Database) -> AsyncIterator[Sequence[Sealed]]:
    """All tokens there are, a batch at a time, with no transaction open in between."""
    after = 0

    async def batch(connection: Connection) -> Sequence[Sealed]:
        return await _sealed_after(connection, after)

    while rows := await database.read(batch):
        yield rows
        after = rows[-1].workspace_id


async def _sealed_after(connection: Connection, number: int) -> Sequence[Sealed]:
    query = (
        sa.select(installations.c.workspace_id, workspaces.c.external_id, installations.c.sealed)
        .join(workspaces, workspaces.c.id == installations.c.workspace_id)
        .where(installations.c.workspace_id > number, installations.c.sealed != "")
        .order_by(installations.c.workspace_id)
        .limit(BATCH)
    )
    return [Sealed(*row) for row in (await connection.execute(query)).all()]


class KeysLost(SecretsError):
    """Tokens that stand in the database cannot be opened."""

    def __init__(self, lost: int, of: int) -> None:
        super().__init__(
            f"The tokens of {lost} of {of} workspaces cannot be opened with SECRET_KEYS. Nothing was changed."
            " Put the key that sealed them back, after the newest one. Where it is lost for good, those workspaces"
            " have to install the bot again: empty the column `sealed` of their rows in `installations` first."
        )
        self.lost = lost
        self.of = of


async def check_keys(database: Database, vault: Vault) -> int:
    """Open the tokens of every workspace. Returns how many there are; raises KeysLost and changes nothing."""
    opened = [_opens(vault, row) async for batch in _every_sealed(database) for row in batch]
    if not all(opened):
        raise KeysLost(opened.count(False), len(opened))
    return len(opened)


def _opens(vault: Vault, row: Sealed) -> bool:
    try:
        vault.open(row.workspace, row.sealed)
    except SecretsError:
        return False
    return True


async def reseal(database: Database, vault: Vault) -> int:
    """Seal with the newest key what an older one sealed, a batch a transaction. Returns how many that were.

    Stopped half-way, every row is sealed by one key or the other. Raises WrongKey.
    """
    resealed = 0
    async for batch in _every_sealed(database):
        old = [row for row in batch if not vault.is_current(row.sealed)]
        resealed += await _reseal(database, {row: vault.rotate(row.sealed) for row in old})
    return resealed


async def _reseal(database: Database, anew: Mapping[Sealed, str]) -> int:
    async def work(connection: Connection) -> int:
        return sum([await _replace(connection, row, sealed) for row, sealed in anew.items()])

    return await database.write(work) if anew else 0


async def _replace(connection: Connection, row: Sealed, sealed: str) -> int:
    # Tokens that were exchanged since they were read are newer than these, and stay.
    same = sa.and_(installations.c.workspace_id == row.workspace_id, installations.c.sealed == row.sealed)
    return int((await connection.execute(sa.update(installations).where(same).values(sealed=sealed))).rowcount)
