"""A real playground: the demo as its own process, and a real browser to look at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_MS = 60_000  # a month of the sample takes seconds to live through, more on a busy machine


@dataclass
class Demo:
    """`python -m bot demo`, running. It can be killed and started again over the same folder."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/playground"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "bot", "demo", "--port", str(self.port), "--folder", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self.process.stdout
        assert any(b"Stop it with" in line for line in self.process.stdout), "the demo ended"
        while not self._answers():
            assert self.process.poll() is None, "the demo ended"

    def kill(self) -> None:
        """End it as a machine that loses power would."""
        if self.process:
            self.process.kill()
            self.process.communicate()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/state", timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A sample company of the test's own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Demo(tmp_path / "demo", port)
    running.start()
    yield running
    running.kill()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Chromium, without a window. One for each test: its loop must not run beside those of other tests."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None and not os.environ.get("NEEDS_BROWSER"):
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The playground's page, seen for the first time; an error in its console fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    opened.goto(demo.url)
    opened.get_by_role("button", name="Next thing due").wait_for()
    yield opened
    context.close()
    assert [problem for problem in problems if "net::ERR_" not in problem] == []
