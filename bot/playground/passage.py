"""Time passing in the playground: everything due on the way really happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.app import App
from bot.clock import SteppedClock
from storage.schedules import Schedule, upcoming

LOOKED_AT = 500
TOGETHER = timedelta(minutes=2)


async def coming(app: App) -> Sequence[Schedule]:
    """What is due next, soonest first."""
    return await app.database.read(lambda connection: upcoming(connection, limit=LOOKED_AT))


def hour_of(due_at: datetime) -> datetime:
    """The minute in which something is due; all that is due at one hour is due within two minutes."""
    return due_at.replace(second=0, microsecond=0)


async def live_on(app: App, clock: SteppedClock) -> bool:
    """Move on to the next thing due and let it happen, with all that is due at the same hour.

    Returns False where nothing is.
    """
    found = await coming(app)
    if not found or found[0].next_due_at is None:
        return False
    over = hour_of(found[0].next_due_at) + TOGETHER
    at_once = [one.next_due_at for one in found if one.next_due_at and one.next_due_at < over]
    for at in at_once:
        clock.set(at)
        await app.tick()
    return True


async def live_until(app: App, clock: SteppedClock, to: datetime) -> None:
    """Live through all that is due up to an instant, which it then is."""
    while (found := await coming(app)) and found[0].next_due_at and found[0].next_due_at <= to:
        clock.set(found[0].next_due_at)
        await app.tick()
    clock.set(to)
    await app.tick()
