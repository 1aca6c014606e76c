"""What every test gets: the `--golden` option, the `golden` fixture, and a repeatable hypothesis profile."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from pool_as_code.stores.registry import BUILT_IN
from tests.golden import Golden
from tests.postgres import postgres_server, postgres_url

# `ci` gives the same examples everywhere and judges no times. `--hypothesis-profile=explore` looks for new examples.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.generate],  # a failure is told at once; `explore` takes the time to shrink it
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the golden files instead of comparing with them")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden(path, text)`: path relative to the folder of the test file (or absolute)."""
    return Golden(Path(request.path).parent, rewrite=request.config.getoption("--golden"))


@pytest.fixture
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores opened by URL hash passwords in microseconds."""
    monkeypatch.setitem(BUILT_IN, "postgresql", "tests.house:open_cheap_postgres")
    monkeypatch.setitem(BUILT_IN, "sqlite", "tests.house:open_cheap")


__all__ = ["postgres_server", "postgres_url"]
