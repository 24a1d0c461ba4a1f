"""The watch over what is logged during tests: it sees what may not be there, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.canaries import Watch

ROOT = Path(__file__).parent.parent
LEAKS = """
import logging
import sys

import pytest
import structlog

from tests.canaries import plant


def test_what_a_library_quotes_is_not_in_its_line():
    plant("nobody asked for it")
    logging.getLogger("slack_sdk.web").debug("sending %s", "nobody asked for it, and xoxb-1-made-up")


def test_words():
    plant("nobody asked for it")
    structlog.get_logger().debug("saved", words="well, nobody asked for it at all")


def test_standard_error():
    sys.stderr.write("ana.ruiz@example.com")


def test_exception():
    plant("nobody asked for it")
    try:
        raise ValueError("nobody asked for it")
    except ValueError:
        logging.getLogger("a.library").exception("failed with nobody asked for it")
"""


@pytest.mark.parametrize(
    "line",
    [
        '{"token": "xoxb-12-ab"}',
        "xapp-1-A0",
        "v0=0123456789abcdef0123",
        "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwcyJ9.x",
        "ana.ruiz@example.com wrote",
        "person=Ana Ruiz",
        '"they said that it is too slow"',
    ],
)
def test_a_line_with_a_token_a_signature_an_address_a_name_or_words_is_a_leak(line: str) -> None:
    watch = Watch()
    watch.plant("it is too slow")

    watch.look(line)

    assert len(watch.taken()) == 1
    assert watch.taken() == []


def test_a_line_of_the_bots_own_words_is_none() -> None:
    watch = Watch()
    watch.plant("checkin", "4", "")

    watch.look('{"row": "checkin", "kind": "TimeoutError", "at": "/usr/lib/python3.11/asyncio/tasks.py:12"}')

    assert watch.taken() == []


def test_what_was_said_in_one_test_is_forgotten_in_the_next() -> None:
    watch = Watch()
    watch.plant("it is too slow")
    watch.begin()

    watch.look("it is too slow")

    assert watch.taken() == []


def test_a_test_in_which_something_leaks_fails_and_no_other_does(tmp_path: Path) -> None:
    path = tmp_path / "test_leaks.py"
    path.write_text(LEAKS)
    arguments = ["-q", "-p", "tests.canaries", "-p", "no:randomly", "-p", "no:cacheprovider", "-c", "/dev/null"]

    command = [sys.executable, "-m", "pytest", *arguments, str(path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout

    assert "FAILED" in told.partition("::test_words")[0]
    assert "ERROR" in told.partition("::test_standard_error")[0]
    assert "1 failed, 3 passed, 2 errors" in told  # what failed before its end, failed at its end too
