"""How often Teams lets one bot do what: windows of calls for each thread, and for each tenant.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# Seconds, and how many calls fit into any such span.
WRITING = ((1, 7), (2, 8), (30, 60), (3600, 1800))
READING = ((1, 14), (2, 16), (30, 120), (3600, 3600))
TENANT = ((1, 30),)
Windows = tuple[tuple[int, int], ...]
WRITES = {"create", "send", "reply", "update", "delete"}


@dataclass
class Pace:
    """What was called when. `is_held` refuses what is too much; `too_many` counts it whether it is held or not."""

    is_held: bool = False
    too_many: list[tuple[str, str]] = field(default_factory=list)
    _seen: dict[tuple[str, str], deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def spend(self, operation: str, tenant: str, thread: str, now: datetime) -> int:
        """Count a call. Returns 0, or the whole seconds after which it would be let in."""
        kind = "writing" if operation in WRITES else "reading"
        wait = max(
            self._wait(("tenant", tenant), TENANT, now),
            self._wait((kind, f"{tenant} {thread}"), WRITING if kind == "writing" else READING, now),
        )
        if wait:
            self.too_many.append((operation, thread))
        if wait and self.is_held:
            return wait
        for key in (("tenant", tenant), (kind, f"{tenant} {thread}")):
            self._seen[key].append(now)
        return 0

    def _wait(self, key: tuple[str, str], windows: Windows, now: datetime) -> int:
        seen = self._seen[key]
        longest = timedelta(seconds=windows[-1][0])
        while seen and seen[0] <= now - longest:
            seen.popleft()
        waits = [0]
        for seconds, most in windows:
            span = timedelta(seconds=seconds)
            inside = [each for each in seen if each > now - span]
            if len(inside) >= most:
                waits.append(math.ceil((inside[-most] + span - now).total_seconds()))
        return max(waits)
