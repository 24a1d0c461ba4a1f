"""Stories of a town with all that goes wrong: what was promised is kept in each of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.simulation.run import command, simulate

FIRST, SEEDS = int(os.environ.get("SEED", "1")), int(os.environ.get("SEEDS", "1"))
DAYS = int(os.environ.get("DAYS", "2"))
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@ON_SQLITE
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_whatever_goes_wrong_nothing_is_lost_doubled_or_out_of_hours(database_url: str, seed: int) -> None:
    report = simulate(seed, DAYS, database_url)

    assert not report.wrong, f"again: {command(seed, DAYS, database_url)}"


@ON_POSTGRESQL
@pytest.mark.parametrize("seed", range(FIRST + SEEDS, FIRST + SEEDS + max(SEEDS // 10, 1)))
def test_whatever_goes_wrong_it_holds_on_postgresql_too(database_url: str, seed: int) -> None:
    report = simulate(seed, max(DAYS // 2, 1), database_url)

    assert not report.wrong, f"again: {command(seed, max(DAYS // 2, 1), database_url)}"


def test_the_same_seed_is_the_same_story(tmp_path: Path, migrated_sqlite: Path) -> None:
    stories = []
    for name in ("once", "again"):
        path = tmp_path / f"{name}.db"
        path.write_bytes(migrated_sqlite.read_bytes())
        stories.append(simulate(3, 1, f"sqlite:///{path}").log.lines())

    assert len(stories[0]) > 10
    assert stories[0] == stories[1]
