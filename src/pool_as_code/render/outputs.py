"""The forms in which plans are shown: one line each. A form is a function from the plans of one or several environments, and how
they are to look, to harmless text with a line break at its end; its module is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from .environments import EnvironmentPlan
from .palette import PLAIN, Palette


@dataclass(frozen=True, slots=True)
class Look:
    """How plans are shown. `full` folds nothing, `show_values` shows personal values (never secrets), `several` is set when
    several environments were asked for, be it that one of them is left."""

    palette: Palette = PLAIN
    show_values: bool = False
    full: bool = False
    several: bool = False


Renderer = Callable[[Sequence[EnvironmentPlan], Look], str]

RENDERERS: dict[str, str] = {
    "text": "text:plans_text",
    "json": "plan_json:plans_json",
    "markdown": "markdown:plans_markdown",
}
"""What `--output` of plans takes -> `module:function` in this room."""


def render(output: str, environments: Sequence[EnvironmentPlan], look: Look) -> str:
    """The plans in one of the forms of `RENDERERS`."""
    module, _, function = RENDERERS[output].partition(":")
    renderer = cast(Renderer, getattr(importlib.import_module(f"{__package__}.{module}"), function))
    return renderer(environments, look)
