"""What stands under the reserved key: it comes back as it was, stays small, and is never overwritten by who can not read it."""

from __future__ import annotations

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.errors import Rejected, Unavailable
from pool_as_code.core.values import JsonValue, canonical
from pool_as_code.resources.live import Owner, OwnerRecord
from pool_as_code.resources.state import derived_id
from pool_as_code.stores.secureauth.kept import LARGEST, Kept, decoded, encoded, key_of, merged

OURS = Owner("p-ours", "prod")
FIELDS = ("status", "identifiers[uid:u]", "addresses[email:u@example.com]", "administrative.tier", "groups[staff]")


def records(number: int) -> dict[tuple[str, str], OwnerRecord]:
    found = {}
    for index in range(number):
        id = derived_id("user", f"user-{index}", "customers")
        digests = {name: derived_id("user", name, id).replace("-", "")[:16] for name in FIELDS}
        record = OwnerRecord(
            OURS, Address("user", f"customers/user-{index}"), id, settled=id.replace("-", ""), fields=digests
        )
        found[key_of(record)] = record
    return found


@pytest.mark.parametrize("number", [1, 500])
def test_records_come_back_with_the_pool_that_they_were_in(number: int) -> None:
    kept = Kept(
        records(number), {OURS: {"run": "r", "project": OURS.project, "environment": OURS.environment}}, {"u": "sent"}
    )
    found = decoded(encoded(kept), "customers")
    assert {key: record.fields for key, record in found.records.items()} == {
        key: record.fields for key, record in kept.records.items()
    }
    assert {record.pool_id for record in found.records.values()} == {"customers"}
    assert (found.leases, found.invitations) == (kept.leases, kept.invitations)


def test_a_pool_holds_a_thousand_users_and_says_when_it_is_full() -> None:
    assert len(canonical(encoded(Kept(records(1000))))) <= LARGEST
    with pytest.raises(Rejected, match="ownership-full"):
        encoded(Kept(records(5000)))


def test_nothing_to_keep_leaves_no_key_behind() -> None:
    assert merged({"theirs": {"a": 1}, "pool-as-code": {"version": 1}}, "pool-as-code", Kept()) == {"theirs": {"a": 1}}


@pytest.mark.parametrize(
    "value",
    [
        {"version": 2, "records": []},
        {"records": []},
        {"version": 1, "packed": "no base64"},
        {"version": 1, "packed": "AAAA"},
        {"version": 1, "records": [["too", "short"]]},
        {"version": 1, "records": [["p", "e", "no address", "id", 0, "", {}]]},
    ],
)
def test_what_can_not_be_read_is_not_taken_for_nothing(value: JsonValue) -> None:
    with pytest.raises(Unavailable):
        decoded(value)
