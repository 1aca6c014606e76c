"""The reference in docs/ is what the model says."""

from __future__ import annotations

from pathlib import Path

import pytest

from pool_as_code.cli.reference import commands_page
from pool_as_code.render.reference import pages
from tests.golden import Golden

DOCS = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(
    ("name", "text"), [*pages(), ("commands.md", commands_page())], ids=lambda value: str(value)[:12]
)
def test_the_reference_is_what_the_model_says(name: str, text: str, golden: Golden) -> None:
    golden(DOCS / name, text)
