"""The pages that somebody sees who installs the bot: a sentence, and the way on."""

from __future__ import annotations

from html import escape
from string import Template

from aiohttp import web

# Nothing on these pages loads, runs or leads anywhere, and no other site learns their address.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
}

PAGE = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem;
  color: #1d1c1d; background: #fff; }
a { color: #1264a3; }
@media (prefers-color-scheme: dark) { body { color: #e8e8e8; background: #1a1d21; } a { color: #79b8ff; } }
</style>
</head>
<body>
<main>
<h1>$title</h1>
<p>$body</p>
<p><a href="$address">$label</a></p>
</main>
</body>
</html>
"""
)


def page(status: int, title: str, body: str, address: str, label: str) -> web.Response:
    """A page with one link; whatever is shown stays text."""
    shown = {"title": title, "body": body, "address": address, "label": label}
    text = PAGE.substitute({name: escape(value) for name, value in shown.items()})
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


def refusal(status: int, body: str) -> web.Response:
    """Why nothing was installed, and the way to start again."""
    return page(status, "Nothing was installed", body, "/slack/install", "Start again")


def installed(name: str, address: str) -> web.Response:
    """What to do next in the workspace called so; `address` leads back to Slack."""
    body = (
        "Next: type /value setup in your team's channel. Nobody is asked anything before somebody has started it."
    )
    return page(200, f"Installed in {name}" if name else "Installed", body, address, "Back to Slack")
