"""Disks that are full or may not be written: nothing is said to be saved that is not, and it passes by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.app import build
from bot.readiness import Readiness
from bot.settings import alone
from tests.world import PATIENCE_S, World

FAILED = "That did not work, and nothing was saved"
ENOUGH = 400  # check-ins, by which any journal's spare room is used up


def may_mount() -> bool:
    """Whether this machine lets the tests make a small disk."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


pytestmark = pytest.mark.skipif(not may_mount(), reason="needs to mount a disk")


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of four megabytes, not in pytest's own folder: another run could not clear that away."""
    folder = Path(tempfile.mkdtemp(prefix="worthwhile-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "small", str(folder)], check=False)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("this machine mounts nothing")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture
async def world(disk: Path, migrated_sqlite: Path) -> AsyncIterator[World]:
    """A team whose database is on the small disk."""
    shutil.copy(migrated_sqlite, disk / "bot.db")
    created = await World.create(f"sqlite:///{disk / 'bot.db'}")
    yield created
    await created.app.close()


def fill(disk: Path) -> Path:
    """Use up what is free; returns what to remove to have it back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"0" * 4096):
                pass
        except OSError:
            return filler
    raise AssertionError("a disk without an end")


async def until_refused(world: World, ask: Callable[[int], str]) -> int:
    """Ask again and again until it fails. Returns how many were answered as saved."""
    for number in range(ENOUGH):
        if (await world.say("ben", ask(number))).title == FAILED:
            return number
    raise AssertionError("it never failed")


async def kept(world: World) -> int:
    """How many requests are kept with their answers."""
    async with world.reading() as connection:
        return int((await connection.execute(sa.text("select count(*) from deliveries"))).scalar_one())


async def problems(world: World) -> str:
    """What is wrong with the database, as seen from outside just now."""
    app = world.app
    ready = Readiness(app.database, world.url, app.clock, app.platforms, kept_s=0)
    return dict(await ready()).get("database", "")


async def test_on_a_full_disk_nothing_is_said_to_be_saved_that_is_not_and_it_goes_on_once_there_is_room(
    world: World, disk: Path
) -> None:
    filler = fill(disk)
    before = await kept(world)
    saved = await until_refused(world, lambda number: f"checkin 4 {number} {'customers asked for it, ' * 20}")
    there, red = await kept(world) - before, await problems(world)
    filler.unlink()

    after = await world.say("ben", "checkin 5 there is room")

    assert there == saved
    assert red == "its disk is full"
    assert after.title != FAILED
    assert await kept(world) == before + saved + 1


def move(folder: Path, disk: Path) -> None:
    """Put a database where the disk is."""
    for file in folder.glob("bot.db*"):
        shutil.copy(file, disk)


def remount(disk: Path, how: str) -> None:
    """Let the disk be written, "rw", or not, "ro"."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


@pytest.mark.parametrize("ended", ["well", "badly"])
async def test_a_disk_that_was_read_only_when_the_bot_started_is_written_to_as_soon_as_it_may_be(
    disk: Path, migrated_sqlite: Path, tmp_path: Path, ended: str
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "bot.db")
    earlier = await World.create(f"sqlite:///{tmp_path / 'bot.db'}")
    if ended == "well":
        await earlier.app.close()
    move(tmp_path, disk)  # with its journal, where the bot did not end well
    await earlier.app.close()
    remount(disk, "ro")
    url = f"sqlite:///{disk / 'bot.db'}"
    world = replace(
        earlier, app=build(alone(database_url=url), earlier.clock, {"test": earlier.chat}, PATIENCE_S), url=url
    )

    refused, red = await world.say("ben", "checkin 4"), await problems(world)
    remount(disk, "rw")
    answered, green = await world.say("ben", "checkin 4"), await problems(world)
    await world.app.close()

    assert refused.title == FAILED
    assert red in ("it is read-only", "its file cannot be opened")
    assert answered.title != FAILED
    assert green == ""
