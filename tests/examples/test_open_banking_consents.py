"""The example of a pool of records: it validates, applies, has nothing left to do, and survives being pulled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pool_as_code.app.pulling import pull, write_pulled
from pool_as_code.app.request import Request
from pool_as_code.app.validating import validate
from pool_as_code.stores.base import Scope
from pool_as_code.stores.registry import BUILT_IN
from tests.house import House, open_cheap, summary

EXAMPLE = Path(__file__).parents[2] / "examples" / "open-banking-consents"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setitem(BUILT_IN, "sqlite", "tests.house:open_cheap")
    shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns(".pool-as-code"))
    return House(tmp_path / "example", environ={})


def test_it_validates_without_a_word() -> None:
    found = validate(Request(cwd=EXAMPLE))
    assert found.diagnostics == ()
    assert found.documents == {"Workspace": 1, "Schema": 2, "IdentityPool": 1, "User": 2}


def test_it_is_applied_once_and_then_there_is_nothing_to_do(house: House) -> None:
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}
    store = open_cheap(f"sqlite:///{house.database}", read_only=True, root=house.root, environ={})
    users = store.read(Scope("user", everything=True))
    store.close()
    assert len(users) == 2
    assert not [user for user in users if "identifiers" in user.spec or "addresses" in user.spec]


def test_pulled_again_it_plans_to_nothing(house: House) -> None:
    house.apply()
    files = pull(house.request, (), house.told.append)
    shutil.rmtree(house.root / "manifests")
    write_pulled(files, house.root / "manifests", False)
    assert summary(house.plan()) == {}


def test_a_record_that_does_not_fit_is_refused_before_anything_is_met(house: House) -> None:
    records = house.root / "manifests" / "records.yaml"
    records.write_text(records.read_text().replace("state: granted", "state: given"))
    (problem,) = validate(house.request).diagnostics
    assert (problem.code, str(problem.location)) == ("PAC254", "manifests/records.yaml:10:12")
