"""The example of a pool of records: nobody signs in with a record, and one that does not fit is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pool_as_code.app.validating import validate
from pool_as_code.stores.base import Scope
from pool_as_code.stores.registry import BUILT_IN
from tests.house import House, open_cheap

EXAMPLE = Path(__file__).parents[2] / "examples" / "open-banking-consents"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setitem(BUILT_IN, "sqlite", "tests.house:open_cheap")
    shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns(".pool-as-code"))
    return House(tmp_path / "example", environ={})


def test_its_records_have_neither_identifiers_nor_addresses(house: House) -> None:
    assert house.apply().state == "applied"
    store = open_cheap(f"sqlite:///{house.database}", read_only=True, root=house.root, environ={})
    users = store.read(Scope("user", everything=True))
    store.close()
    assert len(users) == 2
    assert not [user for user in users if "identifiers" in user.spec or "addresses" in user.spec]


def test_a_record_that_does_not_fit_is_refused_before_anything_is_met(house: House) -> None:
    records = house.root / "manifests" / "records.yaml"
    records.write_text(records.read_text().replace("state: granted", "state: given"))
    (problem,) = validate(house.request).diagnostics
    assert (problem.code, str(problem.location)) == ("PAC254", "manifests/records.yaml:10:12")
