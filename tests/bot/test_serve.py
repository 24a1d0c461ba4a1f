"""The command line as an operator uses it: real processes, real ports."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.migrate import is_present


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """This environment with these settings."""
    return {**os.environ, **settings}


@contextmanager
def running(command: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m bot COMMAND`, until the end of the block."""
    arguments = [sys.executable, "-m", "bot", command]
    process = subprocess.Popen(arguments, env=environment(**settings), stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def run(command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot COMMAND`, until it ends by itself."""
    arguments = [sys.executable, "-m", "bot", command]
    return subprocess.run(
        arguments, env=environment(**settings), capture_output=True, text=True, timeout=60, check=False
    )


def fetch(process: subprocess.Popen[str], port: int, path: str) -> tuple[int, dict[str, object]]:
    """What the process answers, once it listens."""
    while True:
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)
        except (urllib.error.URLError, ConnectionError):
            continue


def test_serve_sets_itself_up_is_ready_holds_no_sample_and_stops_when_told(tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "worthwhile.db"

    with running("serve", DATABASE_URL=f"sqlite:///{path}", PORT=str(port)) as process:
        healthy = fetch(process, port, "/healthz")
        ready = fetch(process, port, "/readyz")
        process.terminate()
        code = process.wait(timeout=10)

    with sqlite3.connect(path) as file:
        workspaces = file.execute("select count(*) from workspaces").fetchone()
    assert healthy == (200, {"status": "ok"})
    assert ready == (200, {"status": "ready"})
    assert workspaces == (0,)
    assert code == 0


def test_web_says_that_the_database_is_not_migrated_and_how_to_mend_it(tmp_path: Path) -> None:
    port = free_port()
    url = f"sqlite:///{tmp_path / 'empty.db'}"

    with running("web", DATABASE_URL=url, PORT=str(port)) as process:
        status, answer = fetch(process, port, "/readyz")
        run("migrate", DATABASE_URL=url)
        asked = (fetch(process, port, "/readyz")[0] for _ in range(2000))  # an answer stands for a second
        after = next((each for each in asked if each == 200), 503)

    assert status == 503
    assert "python -m bot migrate" in str(answer["problems"])
    assert after == 200


def test_migrate_may_be_run_by_several_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    arguments = [sys.executable, "-m", "bot", "migrate"]

    processes = [subprocess.Popen(arguments, env=environment(DATABASE_URL=url)) for _ in range(3)]

    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert is_present(url)


def test_every_wrong_setting_is_told_at_once_and_nothing_starts() -> None:
    done = run("serve", DATABASE_URL="mysql://somewhere", PORT="many")

    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert "PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        done = run("serve", DATABASE_URL=f"sqlite:///{tmp_path / 'a.db'}", PORT=port)

    assert done.returncode == 2
    assert f"Port {port}" in done.stderr
    assert "Traceback" not in done.stderr
