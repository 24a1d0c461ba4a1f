"""Pace: how much a platform lets through, and what of what waits may go now; pure functions over plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from storage.delivery import Choice
from storage.lanes import Spent

EVERYBODY = "*"
# A burst may be as large as costs a tenth of the lasting rate.
DEAREST_BURST = 1.1
MOST_PAGES_S = 120.0  # what one message of many pages may cost beyond what was free
SAFETY = 1.02  # clocks and wires are not exact
EXACT_S = 0.001  # instants are kept to the millisecond


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many messages in any so many seconds."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What a platform lets through to one person or channel, and to a whole workspace, by its own documents."""

    recipient: tuple[Rate, ...] = ()
    workspace: tuple[Rate, ...] = ()


@dataclass(frozen=True, slots=True)
class Bucket:
    """At most `burst` at once, and one more every so many seconds."""

    burst: int
    every_s: float


@cache
def bucket(rates: tuple[Rate, ...]) -> Bucket | None:
    """The bucket that keeps all these rates at once, so that one number for each recipient is enough to know.

    A bucket lets `burst + floor(window / every)` through in any window, both its ends included. So `every` must
    be more than `window / (count - burst + 1)` for each rate.
    """
    if not rates:
        return None
    bursts = range(1, min(rate.count for rate in rates) + 1)
    every = {burst: max(rate.seconds / (rate.count - burst + 1) for rate in rates) for burst in bursts}
    burst = max(size for size in bursts if every[size] <= every[1] * DEAREST_BURST)
    return Bucket(burst, every[burst] * SAFETY)


def choose(pace: Pace | None, most: int, spent: Spent, now: datetime, recipients: Sequence[str]) -> Choice:
    """Which of the waiting messages may go now, at most so many, in their order.

    `recipients` names for each where it goes; `spent` is, for each recipient and for all together, until when
    its bucket is not full again, in seconds since 1970.
    """
    budget = _Budget(pace or Pace(), spent, now.timestamp())
    chosen: list[int] = []
    late: list[float] = []
    for place, recipient in enumerate(recipients):
        free_at = budget.free_at(recipient)
        if free_at > budget.now + EXACT_S:
            late.append(free_at)
        elif len(chosen) == most:
            late.append(budget.now)
        else:
            budget.spend(recipient)
            chosen.append(place)
    more_at = datetime.fromtimestamp(min(late), UTC) if late else None
    return Choice(chosen, budget.spent, more_at)


def also_spent(pace: Pace, spent: Spent, now: datetime, recipients: Sequence[str]) -> Spent:
    """What is spent of the rates where so many more went to these recipients than was reckoned with."""
    budget = _Budget(pace, dict(spent), now.timestamp())
    for recipient in recipients:
        budget.spend(recipient)
    return budget.spent


class _Budget:
    """What may be sent in one lane just now."""

    def __init__(self, pace: Pace, spent: Spent, now: float) -> None:
        self.now = now
        self.spent = dict(spent)
        self._buckets = {EVERYBODY: bucket(pace.workspace)}
        self._recipient = bucket(pace.recipient)
        for name, at in spent.items():
            if paced := self._bucket(name):
                # No bucket is ever emptier: all would wait for a clock that was wrong and has been set back.
                self.spent[name] = min(at, now + paced.burst * paced.every_s + MOST_PAGES_S)

    def free_at(self, recipient: str) -> float:
        """From when on a recipient may be written to: never sooner for a message that comes after another."""
        return max(self._free_at(EVERYBODY), self._free_at(recipient))

    def spend(self, recipient: str) -> None:
        """One message goes to a recipient now."""
        for name in (EVERYBODY, recipient):
            paced = self._bucket(name)
            if paced:
                self.spent[name] = max(self.spent.get(name, 0.0), self.now) + paced.every_s

    def _free_at(self, name: str) -> float:
        paced = self._bucket(name)
        if paced is None or name not in self.spent:
            return 0.0
        return self.spent[name] - (paced.burst - 1) * paced.every_s

    def _bucket(self, name: str) -> Bucket | None:
        return self._buckets[EVERYBODY] if name == EVERYBODY else self._recipient
