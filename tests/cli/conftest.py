"""What every test of a command gets: a shop with three manifests, fresh or applied."""

from pathlib import Path

import pytest

from tests.cli.shop import ADA, GROUP, POOL, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Declared, not applied."""
    return Shop(tmp_path).write(POOL, GROUP, ADA)


@pytest.fixture
def live_shop(shop: Shop) -> Shop:
    """Declared and applied."""
    applied = shop.pac("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    return shop
