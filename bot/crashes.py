"""The places at which a process may be killed by a test; in earnest nothing happens at any of them."""

from __future__ import annotations

from collections.abc import Callable

Crash = Callable[[str], None]

# In the order in which work passes them. A test kills at each and looks at what is left.
POINTS = (
    "dispatch.begun",
    "dispatch.arrived",
    "dispatch.answered",
    "dispatch.ready",
    "dispatch.committed",
    "sweep.begun",
    "sweep.found",
    "sweep.planned",
    "sweep.ready",
    "sweep.committed",
    "drain.claiming",
    "drain.claimed",
    "drain.claim committed",
    "drain.sending",
    "drain.sent",
    "drain.load sent",
    "drain.settling",
    "drain.settled",
    "drain.told",
    "drain.let go",
    "drain.settle committed",
    "drain.stopping",
)


def nowhere(point: str) -> None:
    """Go on."""
