"""Where the bot is installed: the tokens of each workspace, sealed, and which installs were finished just now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.database import Connection, Database
from storage.directory import add_workspace, return_workspace
from storage.queries import Queries, insert_once
from storage.schema import NOBODYS, PRIVACY, columns, flag, instant, metadata, table, words

WAITS_S = (0.1, 0.5, 2.0)

installations = table(
    "installations",
    sa.Column("bot", sa.String(128), nullable=False),  # the bot's own id as a member of the workspace
    flag("is_organisation"),  # installed for every workspace of an organisation at once
    words("scopes"),
    words("sealed"),  # the tokens, which only the keys of this installation of the bot open
    instant("expires_at"),
    instant("refreshing_until"),
    instant("installed_at", nullable=False),
    instant("removed_at"),
    sa.PrimaryKeyConstraint("workspace_id"),
    privacy=NOBODYS,
)

install_states = sa.Table(
    "install_states",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),  # hashes: the table opens no install
    sa.Column("browser", sa.String(64), nullable=False),
    instant("expires_at", nullable=False),
)
PRIVACY["install_states"] = NOBODYS


@dataclass(frozen=True, slots=True)
class Installation:
    """The bot in one workspace. `scopes` are separated by commas, `sealed` is empty once it was removed."""

    workspace_id: int
    bot: str
    is_organisation: bool
    scopes: str
    sealed: str
    expires_at: datetime | None
    installed_at: datetime
    removed_at: datetime | None


INSTALLATION = columns(installations, Installation)


class Installations(Queries):
    """The bot's place in one workspace."""

    async def present(self, *, locked: bool = False) -> Installation | None:
        """How the bot is installed here; None where it is not, or not any more.

        `locked` holds off others who would change it, until the transaction ends.
        """
        query = sa.select(*INSTALLATION).where(installations.c.removed_at.is_(None))
        row = await self.first(query.with_for_update() if locked else query, installations)
        return row and Installation(*row)

    async def install(self, now: datetime, **values: object) -> None:
        """Keep how the bot is installed from now on, in place of what was."""
        anew = {"installed_at": now, "removed_at": None, "refreshing_until": None}
        await self.keep(installations, {}, {**values, **anew})

    async def remove(self, now: datetime) -> None:
        """The bot is not installed here any more: its tokens are wiped."""
        here = installations.c.removed_at.is_(None)
        gone = {"sealed": "", "expires_at": None, "refreshing_until": None, "removed_at": now}
        await self.update(installations, here, **gone)

    async def begin_exchange(self, now: datetime, before: datetime, until: datetime) -> Installation | None:
        """Reserve the exchange of tokens that run out by `before`, until an instant.

        Returns None where there is nothing to exchange or somebody else is at it.
        """
        is_free = sa.or_(installations.c.refreshing_until.is_(None), installations.c.refreshing_until <= now)
        needed = sa.and_(installations.c.removed_at.is_(None), installations.c.expires_at <= before, is_free)
        if not await self.update(installations, needed, refreshing_until=until):
            return None
        return await self.present()

    async def end_exchange(self, until: datetime, **values: object) -> bool:
        """Give the reservation `until` an instant back, with the new tokens where there are any.

        Returns False, and changes nothing, where the bot was removed or installed anew meanwhile, or
        somebody else has taken over.
        """
        # Installing anew takes the reservation away, as removing does.
        mine = installations.c.refreshing_until == until
        return bool(await self.update(installations, mine, refreshing_until=None, **values))


async def install(
    connection: Connection, platform: str, workspace: str, name: str, now: datetime, **values: object
) -> int:
    """Keep the bot's tokens for a workspace, which is added, or welcomed back. Returns its number."""
    number = await add_workspace(connection, platform, workspace, name, now)
    await return_workspace(connection, number, name)
    await Installations(connection, number).install(now, **values)
    return number


async def use_state(connection: Connection, state: str, browser: str, now: datetime, expires_at: datetime) -> bool:
    """Use an install's state up, by the hashes of it and its browser. Of any number of uses, one is told True.

    `expires_at` is when the state runs out by itself: until then it has to be remembered, and no longer.
    """
    await forget_states(connection, now)
    values = {"state": state, "browser": browser, "expires_at": expires_at}
    used = await connection.execute(insert_once(install_states, connection.dialect.name), values)
    return used.first() is not None


async def forget_states(connection: Connection, now: datetime) -> None:
    """Forget the states that were used and have run out since."""
    await connection.execute(sa.delete(install_states).where(install_states.c.expires_at < now))


async def keep_exchanged(database: Database, begun: Installation, until: datetime, **values: object) -> bool:
    """As `end_exchange`, in a transaction that is tried again where the database is away for a moment.

    What is not kept is lost: the tokens that these took the place of are not valid any more.
    """

    async def work(connection: Connection) -> bool:
        return await Installations(connection, begun.workspace_id).end_exchange(until, **values)

    for wait_s in WAITS_S:
        try:
            return await database.write(work)
        except sa.exc.OperationalError:
            await asyncio.sleep(wait_s)
    return await database.write(work)
