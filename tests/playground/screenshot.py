"""Take the README's screenshot: the playground after the whole loop, in a real browser."""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.playground.conftest import FLAGS, Demo
from tests.playground.story import become, live_the_loop

SIZE = (1440, 900)


def main(path: Path) -> None:
    """Live the story in a sample company of its own, and take the picture at its end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder), port)
        demo.start()
        try:
            _take(demo.url, path)
        finally:
            demo.kill()


def _take(url: str, path: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        width, height = SIZE
        page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
        page.goto(url)
        page.get_by_role("button", name="Next thing due").wait_for()
        live_the_loop(page)
        _arrange(page)
        page.screenshot(path=path)
        browser.close()


def _arrange(page: Page) -> None:
    """The channel's summary on the left, a morning's question on the right, nothing in front of them."""
    left = become(page, "Ben", 0)
    left.get_by_role("tab", name="#checkout").click()
    summary = left.get_by_role("article").filter(has_text="Checkout retry: partly").first
    page.get_by_role("button", name="Next thing due").click()
    right = become(page, "Chi", 1)
    right.get_by_role("button", name="3 So-so").last.scroll_into_view_if_needed()
    page.get_by_role("button", name="Dismiss").or_(page.locator(".toast button")).first.click()
    page.get_by_role("button", name="Close the tour").click()
    summary.evaluate("card => card.scrollIntoView({block: 'start'})")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
