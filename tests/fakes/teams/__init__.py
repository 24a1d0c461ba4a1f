"""A strict local Teams for tests and benchmarks: `FakeTeams.start()`."""

from __future__ import annotations

from tests.fakes.teams.checking import check_card, is_too_large
from tests.fakes.teams.people import Actor
from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.surfaces import Card, Page

__all__ = ["Actor", "Card", "FakeTeams", "Page", "check_card", "is_too_large"]
