"""A store's URL leads to its store, and a wrong one to the nearest word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from pool_as_code.core.errors import InvalidInput
from pool_as_code.directory.sqlite import SqliteDatabase
from pool_as_code.stores import registry
from pool_as_code.stores.base import Store
from pool_as_code.stores.memory import MemoryStore
from pool_as_code.stores.sqlite import SqliteStore


def opened(url: str, root: Path = Path()) -> Store:
    return registry.open_store(url, read_only=True, root=root, environ={})


def test_our_own_schemes_open(tmp_path: Path) -> None:
    store = opened("sqlite:///a.db", tmp_path)
    assert isinstance(store, SqliteStore)
    assert isinstance(store.directory.db, SqliteDatabase)
    assert store.directory.db.path == tmp_path / "a.db"
    assert store.url == "sqlite:///a.db"
    assert isinstance(opened("memory:"), MemoryStore)


@pytest.mark.parametrize("scheme", sorted(registry.BUILT_IN))
def test_every_scheme_in_the_table_leads_to_a_function(scheme: str) -> None:
    assert callable(registry._function(registry.BUILT_IN[scheme]))


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("sqlit:///a.db", "did you mean sqlite:///a.db?"),
        ("memori:", "did you mean memory:?"),
        ("zzz:x", "known schemes: dump, memory, postgres, postgresql, secureauth+http, secureauth+https, sqlite"),
        ("directory.db", "for a file: sqlite:///directory.db"),
        ("", "for example sqlite:///.pool-as-code/directory.db"),
    ],
)
def test_an_unknown_scheme_gets_the_nearest_word(url: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(url)
    assert refused.value.hint == hint


def test_other_packages_add_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("mine", "tests.stores.test_registry:open_mine", registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", _points(point))
    assert isinstance(opened("mine:anything"), MemoryStore)


def test_a_scheme_whose_package_is_broken_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("mine", "no_such_package:open", registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", _points(point))
    with pytest.raises(InvalidInput) as refused:
        opened("mine:anything")
    assert "no_such_package" in refused.value.message + refused.value.hint


def open_mine(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> Store:
    """What another package would provide."""
    assert (url, read_only) == ("mine:anything", True)
    return MemoryStore()


def _points(*points: EntryPoint) -> Callable[..., EntryPoints]:
    return lambda **given: EntryPoints(points)
