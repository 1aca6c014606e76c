"""Every published operation is served or left out for a reason, and every deviation that was reviewed is still one.

The answers themselves are held against the vendor's definitions in every other test here (`conftest.py`, `contract.py`).
Reads `../shared`, which is not part of this repository: skipped where it is absent.
"""

from __future__ import annotations

import pytest

from pool_as_code.server.catalogue import catalogue
from tests.server.contract import SPEC, Contract, anonymous, published
from tests.server.reviewed import ALWAYS, FURTHER, NOT_YET, OUT_OF_SCOPE
from tests.server.site import Asked

pytestmark = [
    pytest.mark.needs_shared,
    pytest.mark.skipif(not SPEC.is_dir(), reason="the vendor's Swagger files (../shared) are not here"),
]


def test_every_published_operation_is_served_or_left_out_for_a_reason() -> None:
    served = {(one.method, anonymous(one.path)) for one in catalogue()}
    known = {(method, path) for method, path, _, _ in published()}
    assert known - served == set(OUT_OF_SCOPE)
    assert served & set(OUT_OF_SCOPE) == set()


def test_operations_end_as_published() -> None:
    operations = {(one.method, anonymous(one.path)): one for one in catalogue()}
    for method, path, operation, _ in published():
        ours = operations.get((method, path))
        if ours is not None:
            assert str(ours.success) in operation["responses"], (method, path)
            named = ours.name.rpartition(".")[2]
            assert (named in NOT_YET) == ("passkeys" in ours.summary.lower()), ours.name


def test_every_operation_that_is_not_served_yet_is_one_of_ours() -> None:
    assert {one.name.rpartition(".")[2] for one in catalogue()} >= NOT_YET


def test_every_status_beyond_the_definitions_is_missing_in_some_of_them() -> None:
    served = {(one.method, anonymous(one.path)) for one in catalogue()}
    listed = [set(operation["responses"]) for method, path, operation, _ in published() if (method, path) in served]
    for status in (*ALWAYS, *FURTHER):
        assert any(str(status) not in statuses for statuses in listed), status


def test_every_reviewed_deviation_is_still_met() -> None:
    contract = Contract()
    with Asked(observers=[contract.check]) as site:
        site.post("/pools", {"id": "p", "name": "P", "metadata": {"label": "a text"}})
        site.post("/pools/p/groups", {"id": "g", "name": "G"})
        site.post("/pools/p/groups", {"id": "h", "name": "H", "parent_id": "g"})
        assert site.ask("DELETE", "/pools/p/groups/g").status_code == 409
        assert site.ask("GET", "/pools/p", headers={"if-match": '"other"'}).status_code == 412
        site.post("/pools/p/user/webauthn/add/request", {}, 501)
        site.post("/pools/p/user/password/v2/verify", {"identifier": "x", "password": "y"}, 200)
    assert set(contract.used) >= {409, 412, 501, "EMPTY_STATE"}


def test_free_maps_hold_more_than_objects() -> None:
    contract = Contract()
    validator = contract.published["GET", "/api/identity/T/system/pools/X"][1]["definitions"]["Pool"]
    assert validator["properties"]["metadata"]["additionalProperties"] == {"type": "object"}
