"""Watches what is logged during every test: a line with somebody's words, a token or an address fails that test.

Everything is logged from the lowest level on, as it would be if somebody turned it up, and made into lines by the
product's own `bot.logs`. What people say in a test is planted by whatever says it: `plant`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs

FORBIDDEN = re.compile(
    r"xox[a-z]+-\w|xapp-\w"  # Slack's tokens
    r"|v0=[0-9a-f]{16}"  # its signatures
    r"|eyJ[\w-]{8,}\.[\w-]{8}"  # signed tokens of Microsoft's
    r"|[\w.+-]+@[\w-]+\.[a-z]{2,}"  # e-mail addresses
)
NAMES = ("Ana Ruiz", "Ben Okafor", "Chi Nguyen", "Dev Patel", "Eva Lindqvist")
SHORTEST = 12  # characters: what is shorter may be a word of the bot's own
MOST = 200  # of one test
# Only tests use these, and they say what they write.
OF_TESTS = ("aiosqlite", "hypothesis", "asyncio", "matplotlib", "PIL")


class Watch:
    """What was planted in the test that runs, and which lines hold any of it."""

    def __init__(self) -> None:
        self._planted: set[str] = set()
        self.leaks: list[str] = []

    def begin(self) -> None:
        """A test begins: nobody has said anything yet."""
        self._planted.clear()

    def plant(self, *texts: object) -> None:
        """Somebody says these; single words are left out, and names of commands with them."""
        for text in texts:
            said = str(text).strip()
            if len(said) >= SHORTEST and " " in said and len(self._planted) < MOST:
                self._planted.add(said)

    def look(self, text: str) -> None:
        """Look through what was logged."""
        for line in text.splitlines():
            for found in self._found(line):
                self.leaks.append(f"{found!r} in {line[:300]}")

    def _found(self, line: str) -> Iterator[str]:
        if match := FORBIDDEN.search(line):
            yield match[0]
        yield from (name for name in NAMES if name in line)
        yield from (text for text in self._planted if text in line)

    def taken(self) -> list[str]:
        """The lines found since the last time."""
        found, self.leaks = self.leaks, []
        return found


WATCH = Watch()
plant = WATCH.plant
look = WATCH.look


class _Lines:
    """Where the bot's own lines go: looked through, then to standard error."""

    def write(self, text: str) -> int:
        WATCH.look(text)
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class _Handler(logging.Handler):
    """Looks through the lines of what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        WATCH.look(self.format(record))


def pytest_configure() -> None:
    """Log everything, as the product makes lines of it."""
    handler = _Handler()
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logs.quieten()
    for name in OF_TESTS:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*logs.SHARED, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(_Lines()),  # type: ignore[arg-type]
    )


def pytest_runtest_setup() -> None:
    """A test begins."""
    WATCH.begin()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Any:
    """Fail the test in which something was logged that may not be."""
    report = yield
    if report.when == "teardown":
        WATCH.look(report.capstderr)  # what was written there without being logged
    leaks = WATCH.taken()
    if leaks and report.passed:
        report.outcome = "failed"
        report.longrepr = "Logged, and may not be:\n" + "\n".join(dict.fromkeys(leaks))
    return report
