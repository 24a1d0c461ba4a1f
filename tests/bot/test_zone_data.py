"""A new version of the time zone data: what is due keeps its hour on the wall, planned anew before it is due."""

from __future__ import annotations

import struct
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from importlib.metadata import version as version_of
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.nudges.zones import BATCH, ZoneData, zone_data_version
from handlers.local_time import next_due, replanned
from storage import Store
from storage.directory import people
from storage.schedules import occurrences, schedules
from tests.world import World
from tests.zones import changing

LONDON = "Europe/London"
HOUR = timedelta(hours=1)
PLANNED_FOR = datetime(2026, 11, 27, 9, 40, tzinfo=UTC)


class Zones:
    """A folder of zones that the process reads before any other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def set(self, version: str, **hours: float) -> None:
        """The data is of this version, and these zones ("Europe_London") are so far ahead of UTC, for ever."""
        for name, ahead in hours.items():
            self.write(name.replace("_", "/", 1), timedelta(hours=ahead))
        (self._folder / "tzdata.zi").write_text(f"# version {version}\n# and more\n")

    def write(self, zone: str, ahead: timedelta) -> None:
        """A zone that is always so far ahead of UTC."""
        file = self._folder / zone
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(fixed(ahead))

    def label(self, version: str) -> None:
        """Say the version as some systems do."""
        (self._folder / "+VERSION").write_text(f"{version}\n")

    def remove(self, name: str) -> None:
        """Take a file away."""
        (self._folder / name).unlink()


def fixed(ahead: timedelta) -> bytes:
    """A zone without changes as RFC 8536 writes it, version 1: one type of local time, and no transition."""
    header = struct.pack(">4sc15x6l", b"TZif", b"\0", 0, 0, 0, 0, 1, 4)
    return header + struct.pack(">lbb4s", int(ahead.total_seconds()), 0, 0, b"LMT\0")


@pytest.fixture
def zones(tmp_path: Path) -> Iterator[Zones]:
    """The zones of the test, and afterwards those of the machine again."""
    folder = tmp_path / "zoneinfo"
    folder.mkdir()
    made = Zones(folder)
    made.set("2026a")
    zoneinfo.reset_tzpath(to=[str(folder)])
    ZoneInfo.clear_cache()
    yield made
    zoneinfo.reset_tzpath()
    ZoneInfo.clear_cache()


async def put(world: World, key: str, **values: object) -> None:
    """Something is due, in London unless said otherwise."""
    async with world.writing() as connection:
        await Store(connection, 1).schedules.put(
            key, **{"nudge": "digest", "team_id": 1, "zone": LONDON, **values}
        )


async def due(world: World, key: str) -> datetime:
    """When that is."""
    async with world.reading() as connection:
        query = sa.select(schedules.c.next_due_at).where(schedules.c.key == key)
        found: datetime = (await connection.execute(query)).scalar_one()
        return found


async def put_many(world: World, count: int) -> None:
    """As many things are due once."""
    async with world.writing() as connection:
        planned = Store(connection, 1).schedules
        for n in range(count):
            await planned.put(f"once {n}", nudge="digest", team_id=1, zone=LONDON, next_due_at=PLANNED_FOR)


async def asked(world: World, person: str) -> datetime:
    """When somebody was last asked."""
    async with world.reading() as connection:
        query = sa.select(sa.func.max(occurrences.c.decided_at, type_=occurrences.c.decided_at.type))
        query = query.join(people, people.c.id == occurrences.c.person_id)
        query = query.where(people.c.external_id == person, occurrences.c.outcome == "sent")
        found: datetime = (await connection.execute(query)).scalar_one()
        return found


def looking(world: World) -> ZoneData:
    """What a process that was just started has."""
    return ZoneData(world.app.database, world.clock)


async def test_what_comes_each_day_and_what_comes_once_keep_their_hour_on_the_wall(
    world: World, zones: Zones
) -> None:
    zones.set("2026a", Europe_London=0)
    await put(world, "each day", days=(1, 2, 3, 4, 5), hour=time(9, 40), next_due_at=PLANNED_FOR)
    await put(world, "once", next_due_at=PLANNED_FOR)
    await looking(world)()

    zones.set("2026b", Europe_London=1)
    ZoneInfo.clear_cache()
    moved = await looking(world)()

    assert moved >= 2
    assert await due(world, "each day") == PLANNED_FOR - HOUR
    assert await due(world, "once") == PLANNED_FOR - HOUR
    assert await looking(world)() == 0


async def test_a_process_that_runs_on_finds_new_data_within_an_hour_and_asks_at_the_new_time(
    world: World, zones: Zones
) -> None:
    zones.set("2026a", Europe_London=0)
    await world.pass_days(0)
    tuesday = datetime(2026, 11, 24, 9, tzinfo=UTC)

    zones.set("2026b", Europe_London=2)
    await world.go_to(tuesday - 12 * HOUR)
    await world.go_to(tuesday)

    asked_at = await asked(world, "ana")
    assert timedelta() <= asked_at - datetime(2026, 11, 24, 7, 40, tzinfo=UTC) < timedelta(minutes=2)


async def test_a_time_that_has_passed_by_the_new_rules_is_due_at_once(world: World, zones: Zones) -> None:
    zones.set("2026a", Europe_London=0)
    tuesday = datetime(2026, 11, 24, 8, tzinfo=UTC)
    await world.go_to(tuesday)

    zones.set("2026b", Europe_London=2)
    await world.go_to(tuesday + HOUR)

    assert tuesday < await asked(world, "ana") <= tuesday + HOUR


async def test_older_data_beside_newer_plans_nothing_anew_and_is_told_of(world: World, zones: Zones) -> None:
    zones.set("2026b", Europe_London=1)
    await put(world, "once", next_due_at=PLANNED_FOR)
    await looking(world)()

    zones.set("2026a", Europe_London=0)
    ZoneInfo.clear_cache()
    with capture_logs() as logs:
        older = await looking(world)()
    zones.set("2026b", Europe_London=1)
    ZoneInfo.clear_cache()
    await looking(world)()

    assert older == 0
    assert [entry["event"] for entry in logs] == ["older time zone data than before"]
    assert await due(world, "once") == PLANNED_FOR


async def test_more_than_a_batch_is_planned_anew_and_what_was_put_off_is_not(world: World, zones: Zones) -> None:
    zones.set("2026a", Europe_London=0)
    await looking(world)()
    await put_many(world, BATCH + 1)
    await put(world, "put off", days=(5,), hour=time(9), local_date=PLANNED_FOR.date(), next_due_at=PLANNED_FOR)

    zones.set("2026b", Europe_London=1)
    ZoneInfo.clear_cache()
    await looking(world)()

    assert await due(world, "once 0") == await due(world, f"once {BATCH}") == PLANNED_FOR - HOUR
    assert await due(world, "put off") == PLANNED_FOR


async def test_a_zone_that_is_gone_leaves_the_others_to_be_planned(world: World, zones: Zones) -> None:
    zones.set("2026a", Europe_London=0, Mars_Olympus=2)
    await put(world, "elsewhere", zone="Mars/Olympus", next_due_at=PLANNED_FOR)
    await put(world, "once", next_due_at=PLANNED_FOR)
    await looking(world)()

    zones.set("2026b", Europe_London=1)
    zones.remove("Mars/Olympus")
    ZoneInfo.clear_cache()
    await looking(world)()

    assert await due(world, "once") == PLANNED_FOR - HOUR
    assert await due(world, "elsewhere") == PLANNED_FOR


def test_the_version_is_the_systems_and_the_packages(zones: Zones) -> None:
    package = version_of("tzdata")

    zones.set("2031c")

    assert zone_data_version() == f"2031c {package}"
    zones.label("2031d")
    assert zone_data_version() == f"2031d {package}"


def test_where_the_system_says_no_version_its_files_do(zones: Zones) -> None:
    zones.remove("tzdata.zi")
    before = zone_data_version()

    zones.write("Europe/London", timedelta(hours=1))

    assert zone_data_version() not in (before, zone_data_version().removeprefix("-"))
    assert zone_data_version() == zone_data_version()


def test_where_the_system_has_no_zones_the_package_counts(tmp_path: Path, zones: Zones) -> None:
    zoneinfo.reset_tzpath(to=[str(tmp_path / "missing")])

    assert zone_data_version() == f"- {version_of('tzdata')}"


@pytest.mark.parametrize(
    ("zone", "planned", "hour", "days", "anew"),
    [
        ("Europe/London", "2026-11-27 10:40", "09:40", (5,), "2026-11-27 09:40"),
        ("Europe/London", "2026-11-27 10:40:59", "09:40", (5,), "2026-11-27 09:40:59"),
        ("Europe/London", "2026-11-27 09:41:59", "09:40", (5,), "2026-11-27 09:41:59"),
        ("Asia/Kolkata", "2026-11-28 00:10", "23:40", (5,), "2026-11-27 23:40"),
        ("Asia/Kolkata", "2026-11-26 23:10", "00:10", (5,), "2026-11-27 00:10"),
        ("Europe/Berlin", "2027-03-28 03:30", "02:30", (7,), "2027-03-28 03:30"),
        ("Europe/Berlin", "2027-03-28 03:30", "02:30", (1,), "2027-03-29 02:30"),
        ("Europe/Berlin", "2026-11-25 09:00", "09:00", (6,), "2026-11-25 09:00"),
    ],
)
def test_the_time_nearest_to_what_was_planned_is_taken(
    zone: str, planned: str, hour: str, days: tuple[int, ...], anew: str
) -> None:
    rules = ZoneInfo(zone)

    found = replanned(datetime.fromisoformat(planned).replace(tzinfo=rules), time.fromisoformat(hour), zone, days)

    assert found == datetime.fromisoformat(anew).replace(tzinfo=rules)


@given(
    zone=st.deferred(lambda: st.sampled_from(sorted(changing()))),
    hour=st.times().map(lambda at: at.replace(microsecond=0)),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    days=st.sets(st.integers(1, 7), min_size=1),
    jitter=st.integers(0, 119).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_what_is_planned_anew_by_the_same_rules_stays(
    zone: str, hour: time, start: datetime, days: set[int], jitter: timedelta
) -> None:
    due_at = next_due(days, hour, zone, start, jitter)

    assert replanned(due_at, hour, zone, days) == due_at
