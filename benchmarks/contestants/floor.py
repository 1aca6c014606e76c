"""The floor beneath a plan without changes: see `floor_process.py`. It reads what the product wrote."""

from __future__ import annotations

import sys
from pathlib import Path

from ..contest import Job, Phase
from .pac import Pac, clean_environ

_PROGRAM = Path(__file__).with_name("floor_process.py")


class Floor:
    """The least that planning needs to read, on the files and the directory of the product."""

    name = "floor"

    def __init__(self, pac: Pac) -> None:
        self._pac = pac

    def ready(self, phase: Phase) -> Job | None:
        """It takes part where both sides are read and nothing is written."""
        if phase is not Phase.PLAN_SAME:
            return None
        command = [sys.executable, str(_PROGRAM), str(self._pac.database), str(self._pac.manifests)]
        says = f"{self._pac.size} users, {self._pac.size} owners"
        return Job(command, self._pac.folder, clean_environ(), says=says)
