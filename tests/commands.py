"""`python -m bot …` as an operator runs it: a real process with just the settings of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.settings import Settings

ROOT = Path(__file__).parent.parent


def bot(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. No setting of this machine reaches it, nor a `.env` of the checkout."""
    known = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name.upper() not in known}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env={**environment, "PYTHONPATH": str(ROOT), **settings},
        cwd=ROOT / "docs",  # a folder without a .env
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
