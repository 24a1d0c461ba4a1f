"""A strict local Slack for tests and benchmarks: `FakeSlack.start()`."""

from __future__ import annotations

from tests.fakes.clock import StillClock
from tests.fakes.slack.blocks import check_blocks, check_view
from tests.fakes.slack.cards import Card, Page
from tests.fakes.slack.changes import uninstall
from tests.fakes.slack.people import Actor
from tests.fakes.slack.server import FakeSlack

__all__ = ["Actor", "Card", "FakeSlack", "Page", "StillClock", "check_blocks", "check_view", "uninstall"]
