"""What every store must do, however it keeps its objects. A store's test inherits `StoreConformance` and gives `store`.

Everything goes through the contract of `stores/base.py`; nothing here knows a file or a table.
"""

from __future__ import annotations

from contextlib import suppress

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.errors import Conflict, NotFound, Rejected
from pool_as_code.core.fieldpath import Item
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap, as_list, canonical
from pool_as_code.resources.live import Observed, Owner, OwnerRecord
from pool_as_code.stores.base import Body, FieldWrite, Handle, IdentifierKey, Scope, Store
from tests.stores.conformance_ledger import LedgerConformance

OURS = Owner("p-ours", "default")
THEIRS = Owner("p-theirs", "default")
PROFILE: JsonMap = {"first_name": "Ada", "last_name": "Łovelace \U0001d538", "name": "\u0000\u2028'\"\\"}


def a_pool(store: Store, id: str = "customers", spec: JsonMap | None = None, **metadata: str) -> Observed:
    return store.create(Body("pool", id, "", dict(metadata), spec or {}))


def a_group(store: Store, id: str, pool: str = "customers", **metadata: str) -> Observed:
    return store.create(Body("group", id, pool, {"name": id, **metadata}, {}))


def a_user(store: Store, id: str, spec: JsonMap | None = None, pool: str = "customers") -> Observed:
    return store.create(Body("user", id, pool, {}, spec or {}))


def handle(observed: Observed) -> Handle:
    return Handle(observed.kind, observed.id, observed.pool_id, observed.revision)


def write(path: tuple[str, ...], value: object) -> FieldWrite:
    return FieldWrite(path, value)  # type: ignore[arg-type]


def ids(found: list[Observed]) -> list[str]:
    names = [one.id for one in found]
    assert len(names) == len(set(names)), "an object came twice"
    return sorted(names)


class StoreConformance(LedgerConformance):
    """The whole contract. `fresh` is the fingerprint of a store in which nothing is; a store that makes no workspaces says in
    `make_workspace` how they come about."""

    fresh = "new"

    def make_workspace(self, store: Store, id: str, spec: JsonMap | None = None) -> None:
        store.create(Body("workspace", id, "", {}, spec or {}))

    # -- creating and reading

    def test_a_new_store_is_empty_and_says_so(self, store: Store) -> None:
        assert store.fingerprint() == self.fresh
        assert store.written_only_by("any digest") == (self.fresh == "new")
        for kind in ("workspace", "organization", "pool"):
            assert store.read(Scope(kind)) == []
        assert store.read(Scope("user", everything=True)) == []
        assert store.count("user") == 0

    def test_the_fingerprint_is_one_for_ever_once_something_is_there(self, store: Store) -> None:
        a_pool(store)
        first = store.fingerprint()
        assert first not in ("", "new")
        a_pool(store, "others")
        assert store.fingerprint() == first

    def test_reading_gives_back_what_was_created_and_the_answer_of_create_is_the_same(self, store: Store) -> None:
        self.make_workspace(store, "shop", {"displayName": "Shop", "color": "#112233"})
        store.create(Body("organization", "acme", "", {"parent": "shop"}, {"domains": ["acme.example"]}))
        store.create(Body("schema", "rich", "", {}, {"schema": {"type": "object", "required": ["a"]}}))
        a_pool(store, workspace="shop")
        a_group(store, "staff")
        a_group(store, "support", parent="staff")
        made = a_user(store, "ada", {"profile": PROFILE, "groups": ["support"], "identifiers": [{"uid": "ada"}]})
        (read,) = store.read(Scope("user", everything=True))
        assert (read.raw, read.revision, read.pool_id) == (made.raw, made.revision, "customers")
        assert read.spec["profile"] == PROFILE
        assert read.spec["groups"] == ["support"]
        (acme,) = store.read(Scope("organization"))
        assert acme.metadata == {"parent": "shop"}
        assert acme.spec["domains"] == ["acme.example"]
        groups = {one.id: one for one in store.read(Scope("group"))}
        assert groups["support"].metadata == {"parent": "staff"}
        assert groups["staff"].metadata == {}
        (pool,) = store.read(Scope("pool"))
        assert pool.metadata == {"workspace": "shop"}

    def test_raw_is_canonical_json_of_metadata_and_spec(self, store: Store) -> None:
        observed = a_pool(store, spec={"description": "ü", "badgeColor": "#00ff00"})
        assert observed.raw == canonical(observed.body)
        assert set(observed.body) == {"metadata", "spec"}

    def test_equal_objects_have_equal_bytes(self, store: Store) -> None:
        a_pool(store)
        a_group(store, "g1")
        a_group(store, "g2")
        one = a_user(store, "a", {"profile": {"name": "n", "first_name": "f"}, "groups": ["g2", "g1"]})
        other = a_user(store, "b", {"groups": ["g1", "g2"], "profile": {"first_name": "f", "name": "n"}})
        assert one.raw == other.raw

    @pytest.mark.parametrize("value", [0, False, "", [], {}, 0.5, -1, 2**53, "\u0000", "e\u0301", "👩‍🚀"])
    def test_values_come_back_as_they_were(self, store: Store, value: object) -> None:
        a_pool(store)
        observed = a_user(store, "ada", {"administrative": {"odd key/~ \u00fc": value}})  # type: ignore[dict-item]
        (read,) = store.read(Scope("user", everything=True))
        assert observed.spec["administrative"] == read.spec["administrative"] == {"odd key/~ \u00fc": value}
        assert type(read.spec["administrative"]["odd key/~ \u00fc"]) is type(value)

    def test_fields_that_nobody_knows_are_kept(self, store: Store) -> None:
        made = a_pool(store, spec={"extra": {"brand_new": [1, {"x": None}]}, "futureSection": {"on": True}})
        assert made.spec["extra"] == {"brand_new": [1, {"x": None}]}
        assert made.spec["futureSection"] == {"on": True}
        updated = store.update(handle(made), [write(("spec", "description"), "x")])
        assert updated.spec["futureSection"] == {"on": True}

    def test_what_the_store_chooses_can_be_read_and_constant_defaults_stay_absent(self, store: Store) -> None:
        spec = a_pool(store).spec
        assert spec["displayName"] == "customers"
        assert spec["passwordSettings"] == {"hashingMethod": "argon2"}
        assert "passwordPolicy" not in spec
        assert "description" not in spec
        user = a_user(store, "ada").spec
        assert (user["status"], user["userType"]) == ("new", "standard")
        assert a_group(store, "staff").spec["displayName"] == "staff"

    def test_default_schemas_are_there_belong_to_the_system_and_new_pools_have_them(self, store: Store) -> None:
        schemas = {one.id: one for one in store.read(Scope("schema"))}
        chosen = a_pool(store).spec["schemas"]
        assert isinstance(chosen, dict)
        for role in ("profile", "administrative"):
            assert schemas[str(chosen[role])].metadata == {"system": True}
        profile = schemas[str(chosen["profile"])].spec["schema"]
        assert set(profile["properties"]) == {"first_name", "last_name", "name"}  # type: ignore[arg-type,call-overload,index]

    def test_secrets_and_what_only_creation_carries_are_never_read_back(self, store: Store) -> None:
        a_pool(store)
        spec: JsonMap = {
            "identifiers": [{"email": "ada@example.com"}],
            "password": {"initial": {"fromEnv": "X"}, "mustChange": True},
            "totp": {"secret": {"fromEnv": "Y"}},
            "passkeys": [{"id": "key-1", "publicKey": "AAAA"}],
            "invitation": {"send": "onCreate"},
        }
        secrets = {"password.initial": Secret("S3cret-Byte"), "totp.secret": Secret("JBSWY3DPEHPK3PXP")}
        body = Body("user", "ada", "customers", {}, spec, secrets)
        (prepared,) = store.prepare([body], {})
        assert prepared.error is None
        made = store.create(prepared.body)
        (read,) = store.read(Scope("user", everything=True))
        for raw in (made.raw, read.raw):
            for word in (b"password", b"totp", b"passkey", b"invitation", b"S3cret", b"JBSWY"):
                assert word not in raw

    def test_preparing_tells_which_secret_is_refused_and_writes_nothing(self, store: Store) -> None:
        def body(id: str, password: str) -> Body:
            return Body("user", id, "later", {}, {"password": {}}, {"password.initial": Secret(password)})

        pools: dict[str, JsonMap] = {"later": {"passwordPolicy": {"minLength": 8}}}
        short, fine = store.prepare([body("a", "short"), body("b", "long enough")], pools)
        assert isinstance(short.error, Rejected)
        assert "8" in short.error.message
        assert "short" not in short.error.message
        assert fine.error is None
        assert store.fingerprint() == self.fresh

    # -- scopes

    def test_groups_are_read_by_pool(self, store: Store) -> None:
        a_pool(store)
        a_pool(store, "others")
        a_group(store, "g1")
        a_group(store, "g2", "others")
        assert ids(store.read(Scope("group"))) == ["g1", "g2"]
        assert ids(store.read(Scope("group", frozenset({"others"})))) == ["g2"]
        assert store.count("group", frozenset({"customers", "others"})) == 2

    @pytest.mark.parametrize("crowd", [0, 40], ids=["few others", "many others"])
    def test_users_are_read_by_owner_id_and_identifier_each_once(self, store: Store, crowd: int) -> None:
        a_pool(store, spec={"signIn": {"identifiersIgnoreCase": True}})
        a_pool(store, "others")
        for name in ("ada", "bob", "eve"):
            a_user(store, name, {"identifiers": [{"email": f"{name}@example.com"}, {"uid": name}]})
        a_user(store, "zoe", {"identifiers": [{"uid": "ada"}]}, "others")
        for number in range(crowd):
            a_user(store, f"u{number}")
        store.ledger.put([OwnerRecord(OURS, Address("user", "customers/ada"), "ada", fields={"status": "d"})])
        here = frozenset({"customers"})
        by_owner = store.read(Scope("user", here, OURS))
        assert ids(by_owner) == ["ada"]
        assert by_owner[0].owner is not None
        assert by_owner[0].owner.address == Address("user", "customers/ada")
        assert by_owner[0].owner.fields == {"status": "d"}
        found = store.read(
            Scope(
                "user", here, OURS, frozenset({"ada", "bob", "nobody"}), frozenset({IdentifierKey("customers", "EVE")})
            )
        )
        assert ids(found) == ["ada", "bob", "eve"]
        assert ids(store.read(Scope("user", here, ids=frozenset({"zoe"})))) == []
        assert ids(store.read(Scope("user", identifiers=frozenset({IdentifierKey("others", "ada")})))) == ["zoe"]
        assert ids(store.read(Scope("user", identifiers=frozenset({IdentifierKey("others", "ADA")})))) == []
        assert store.read(Scope("user", identifiers=frozenset({IdentifierKey("nowhere", "ada")}))) == []
        assert store.read(Scope("user", here, THEIRS)) == []
        assert store.read(Scope("user", here)) == []
        assert len(store.read(Scope("user", here, everything=True))) == 3 + crowd

    def test_members_counts_users_by_sort_and_groups(self, store: Store) -> None:
        a_pool(store)
        a_group(store, "g")
        a_user(store, "ada")
        a_user(store, "jit", {"userType": "jit"})
        store.ledger.put([OwnerRecord(OURS, Address("user", "customers/ada"), "ada")])
        assert store.members("customers") == {"total": 2, "standard": 1, "jit": 1, "owned": 1, "groups": 1}

    # -- changing

    def test_an_update_writes_these_fields_and_leaves_all_others(self, store: Store) -> None:
        made = a_pool(store, spec={"description": "before", "passwordPolicy": {"minLength": 8, "digits": 1}})
        writes = [
            write(("spec", "passwordPolicy", "minLength"), 0),
            write(("spec", "signIn", "firstFactor", "methods"), []),
            write(("spec", "description"), None),
        ]
        updated = store.update(handle(made), writes)
        assert updated.spec["passwordPolicy"] == {"minLength": 0, "digits": 1}
        assert updated.spec["signIn"] == {"firstFactor": {"methods": []}}
        assert "description" not in updated.spec
        assert updated.revision != made.revision
        (read,) = store.read(Scope("pool"))
        assert (read.raw, read.revision) == (updated.raw, updated.revision)

    def test_taking_out_what_the_store_chooses_makes_it_choose_again(self, store: Store) -> None:
        made = a_pool(store, spec={"displayName": "Customers", "passwordSettings": {"hashingMethod": "sha"}})
        updated = store.update(
            handle(made),
            [write(("spec", "displayName"), None), write(("spec", "passwordSettings", "hashingMethod"), None)],
        )
        assert updated.spec["displayName"] == "customers"
        assert updated.spec["passwordSettings"] == {"hashingMethod": "argon2"}

    def test_members_of_lists_are_written_one_by_one(self, store: Store) -> None:
        a_pool(store)
        for group in ("g1", "g2", "g3"):
            a_group(store, group)
        made = a_user(
            store, "ada", {"identifiers": [{"email": "a@b.c"}, {"uid": "ada"}], "groups": ["g1", "g2"], "addresses": []}
        )
        updated = store.update(
            handle(made),
            [
                write(("spec", "identifiers", Item("email:a@b.c")), None),
                write(("spec", "identifiers", Item("uid:lovelace")), {"uid": "lovelace", "metadata": {"since": 1843}}),
                write(("spec", "addresses", Item("email:x@y.z")), {"email": "x@y.z"}),
                write(("spec", "addresses", Item("email:x@y.z"), "verified"), True),
                write(("spec", "groups", Item("g1")), None),
                write(("spec", "groups", Item("g3")), "g3"),
                write(("spec", "groups", Item("never there")), None),
            ],
        )
        assert updated.spec["identifiers"] == [{"uid": "ada"}, {"uid": "lovelace", "metadata": {"since": 1843}}]
        (address,) = as_list(updated.spec["addresses"])
        assert address == {"email": "x@y.z", "verified": True}
        assert updated.spec["groups"] == ["g2", "g3"]
        key = IdentifierKey("customers", "lovelace")
        assert ids(store.read(Scope("user", identifiers=frozenset({key})))) == ["ada"]
        gone = IdentifierKey("customers", "a@b.c")
        assert store.read(Scope("user", identifiers=frozenset({gone}))) == []

    def test_an_update_answers_with_the_owner(self, store: Store) -> None:
        made = a_pool(store)
        store.ledger.put([OwnerRecord(OURS, Address("pool", "customers"), "customers", protect=True)])
        updated = store.update(handle(made), [write(("spec", "description"), "x")])
        assert updated.owner is not None
        assert updated.owner.owner == OURS

    def test_writing_what_is_there_already_moves_no_revision(self, store: Store) -> None:
        made = a_pool(store, spec={"description": "same"})
        assert store.update(handle(made), [write(("spec", "description"), "same")]).revision == made.revision

    def test_a_moved_revision_is_a_conflict_and_an_empty_one_is_not_checked(self, store: Store) -> None:
        made = a_pool(store)
        store.update(handle(made), [write(("spec", "description"), "first")])
        with pytest.raises(Conflict):
            store.update(handle(made), [write(("spec", "description"), "second")])
        with pytest.raises(Conflict):
            store.delete(handle(made))
        unchecked = handle(made)._replace(revision="")
        assert store.update(unchecked, [write(("spec", "description"), "third")]).spec["description"] == "third"

    @pytest.mark.parametrize("kind", ["workspace", "organization", "schema", "pool", "group", "user"])
    def test_an_object_that_is_gone_is_not_found(self, store: Store, kind: str) -> None:
        a_pool(store)
        gone = Handle(kind, "gone", "customers" if kind in ("group", "user") else "", "")
        with pytest.raises(NotFound):
            store.update(gone, [write(("spec", "description"), "x")])
        with pytest.raises(NotFound):
            store.delete(gone)

    def test_an_object_of_another_pool_is_not_found(self, store: Store) -> None:
        a_pool(store)
        a_pool(store, "others")
        a_user(store, "ada")
        with pytest.raises(NotFound):
            store.delete(Handle("user", "ada", "others", ""))

    @pytest.mark.parametrize("kind", ["workspace", "organization", "schema", "pool", "group", "user"])
    def test_a_taken_id_is_a_conflict(self, store: Store, kind: str) -> None:
        a_pool(store)
        pool_id = "customers" if kind in ("group", "user") else ""
        store.create(Body(kind, "same", pool_id, {}, {}))
        with pytest.raises(Conflict):
            store.create(Body(kind, "same", pool_id, {}, {}))

    def test_an_organization_can_not_take_a_workspaces_id(self, store: Store) -> None:
        self.make_workspace(store, "shop")
        with pytest.raises(Conflict):
            store.create(Body("organization", "shop", "", {}, {}))

    @pytest.mark.parametrize("id", ["", "a b", "a/b", "x" * 129, "a\nb", "\x7f"])
    def test_what_can_be_no_id_is_refused(self, store: Store, id: str) -> None:
        with pytest.raises(Rejected):
            store.create(Body("pool", id, "", {}, {}))

    @pytest.mark.parametrize(
        ("kind", "metadata", "spec"),
        [
            ("pool", {"workspace": "nowhere"}, {}),
            ("pool", {"organization": "nowhere"}, {}),
            ("pool", {}, {"schemas": {"profile": "nowhere"}}),
            ("pool", {}, {"signInAt": ["nowhere"]}),
            ("organization", {"parent": "nowhere"}, {}),
            ("group", {"parent": "nowhere"}, {}),
            ("user", {}, {"groups": ["nowhere"]}),
            ("user", {}, {"schemas": {"profile": "nowhere"}}),
        ],
    )
    def test_a_reference_to_nothing_is_refused_with_a_next_step(
        self, store: Store, kind: str, metadata: JsonMap, spec: JsonMap
    ) -> None:
        a_pool(store)
        pool_id = "customers" if kind in ("group", "user") else ""
        with pytest.raises(NotFound) as refused:
            store.create(Body(kind, "x", pool_id, metadata, spec))
        assert refused.value.hint
        assert store.count(kind) == (1 if kind == "pool" else 0)

    @pytest.mark.parametrize("kind", ["group", "user"])
    def test_nothing_lives_in_a_pool_that_is_not_there(self, store: Store, kind: str) -> None:
        with pytest.raises(NotFound):
            store.create(Body(kind, "x", "nowhere", {}, {}))

    # -- deleting

    def test_deleting_a_pool_takes_its_users_and_groups_along(self, store: Store) -> None:
        a_pool(store)
        a_group(store, "g1")
        a_group(store, "g2", parent="g1")
        spec: JsonMap = {
            "identifiers": [{"uid": "ada"}],
            "groups": ["g2"],
            "addresses": [{"email": "a@b.c", "verified": True}],
        }
        a_user(store, "ada", spec)
        store.delete(Handle("pool", "customers", "", ""))
        assert (store.count("pool"), store.count("group"), store.count("user")) == (0, 0, 0)
        a_pool(store)
        a_group(store, "g2")
        assert a_user(store, "ada", spec).spec["groups"] == ["g2"]

    def test_a_workspace_in_use_can_not_be_deleted(self, store: Store) -> None:
        self.make_workspace(store, "shop")
        a_pool(store, workspace="shop")
        with pytest.raises(Conflict) as refused:
            store.delete(Handle("workspace", "shop", "", ""))
        assert refused.value.hint
        store.delete(Handle("pool", "customers", "", ""))
        store.delete(Handle("workspace", "shop", "", ""))
        assert store.fingerprint() == self.fresh

    def test_what_is_in_use_can_not_be_deleted(self, store: Store) -> None:
        store.create(Body("schema", "own", "", {}, {}))
        a_pool(store, spec={"schemas": {"profile": "own"}})
        a_group(store, "g")
        a_user(store, "ada", {"groups": ["g"]})
        for kind, id in (("schema", "own"), ("group", "g")):
            pool_id = "customers" if kind == "group" else ""
            with pytest.raises(Conflict) as refused:
                store.delete(Handle(kind, id, pool_id, ""))
            assert refused.value.hint
        store.delete(Handle("pool", "customers", "", ""))
        store.delete(Handle("schema", "own", "", ""))
        assert store.fingerprint() == self.fresh

    # -- many at once

    def test_many_are_created_and_each_that_can_not_be_says_why(self, store: Store) -> None:
        a_pool(store)
        a_user(store, "taken", {"identifiers": [{"uid": "old"}]})
        bodies = [
            Body("user", "a", "customers", {}, {"identifiers": [{"uid": "a"}]}),
            Body("user", "taken", "customers", {}, {}),
            Body("user", "b", "customers", {}, {"identifiers": [{"external": "a"}]}),
            Body("user", "c", "nowhere", {}, {}),
            Body("user", "d", "customers", {}, {"profile": {"first_name": ""}}),
            Body("user", "e", "customers", {}, {"identifiers": [{"uid": "old"}]}),
            Body("user", "f", "customers", {}, {"identifiers": [{"uid": "f"}]}),
        ]
        outcomes = store.create_many(bodies)
        errors = [type(outcome.error).__name__ if outcome.error else "" for outcome in outcomes]
        assert errors == ["", "Conflict", "Conflict", "NotFound", "Rejected", "Conflict", ""]
        made = [outcome.observed.id for outcome in outcomes if outcome.observed]
        assert made == ["a", "f"]
        assert ids(store.read(Scope("user", everything=True))) == ["a", "f", "taken"]

    def test_groups_are_created_many_at_once_too(self, store: Store) -> None:
        a_pool(store)
        outcomes = store.create_many(
            [
                Body("group", "g1", "customers", {}, {}),
                Body("group", "g1", "customers", {}, {}),
                Body("group", "g2", "customers", {"parent": "g1"}, {}),
            ]
        )
        assert [outcome.error is None for outcome in outcomes] == [True, False, True]
        assert ids(store.read(Scope("group"))) == ["g1", "g2"]

    def test_records_are_written_along_with_what_is_made(self, store: Store) -> None:
        """Also where one of that address is there, of an object that is gone; of what is refused there is none."""
        a_pool(store)
        names = "abcd"

        def record(index: int, made: Observed) -> OwnerRecord:
            return OwnerRecord(OURS, Address(made.kind, f"customers/{names[index]}"), made.id, pool_id="customers")

        store.ledger.put([OwnerRecord(OURS, Address("user", "customers/b"), "gone", pool_id="customers")])
        made = store.create_many([Body("group", f"g-{name}", "customers", {}, {}) for name in "aba"], record)
        assert [one.error is None for one in made] == [True, True, False]
        made = store.create_many(
            [Body("user", f"u-{n}", "customers", {}, {"identifiers": [{"uid": n.replace("d", "c")}]}) for n in names],
            record,
        )
        assert [one.error is None for one in made] == [True, True, True, False]
        assert {address: one.remote_id for address, one in store.ledger.records(OURS).items()} == {
            **{Address("group", f"customers/{name}"): f"g-{name}" for name in "ab"},
            **{Address("user", f"customers/{name}"): f"u-{name}" for name in "abc"},
        }

    def test_none_at_once_is_nothing(self, store: Store) -> None:
        assert store.create_many([]) == []

    # -- transactions

    @pytest.mark.parametrize("kind", ["user", "group"])
    def test_what_somebody_else_owns_is_refused_alone_where_records_are_written_along(
        self, store: Store, kind: str
    ) -> None:
        a_pool(store)
        store.ledger.put([OwnerRecord(THEIRS, Address(kind, "customers/x"), "b", pool_id="customers")])
        made = store.create_many(
            [Body(kind, id, "customers", {}, {}) for id in "abc"],
            lambda index, made: OwnerRecord(OURS, Address(kind, f"customers/{made.id}"), made.id, pool_id="customers"),
        )
        assert [type(one.error).__name__ for one in made] == ["NoneType", "Conflict", "NoneType"]
        assert "p-theirs" in str(made[1].error)
        assert ids(store.read(Scope(kind, everything=True))) == ["a", "c"]
        assert {record.remote_id for record in store.ledger.records(OURS).values()} == {"a", "c"}

    def test_an_error_undoes_the_whole_transaction(self, store: Store) -> None:
        assert store.capabilities.transactional
        with suppress(ZeroDivisionError), store.transaction():
            a_pool(store)
            store.ledger.put([OwnerRecord(OURS, Address("pool", "customers"), "customers")])
            raise ZeroDivisionError
        assert store.fingerprint() == "new"
        assert store.ledger.records(OURS) == {}

    def test_a_savepoint_undoes_what_happened_inside_and_nothing_else(self, store: Store) -> None:
        with store.transaction():
            a_pool(store)
            with suppress(ZeroDivisionError), store.savepoint():
                a_user(store, "ada")
                raise ZeroDivisionError
            a_user(store, "bob")
        assert ids(store.read(Scope("user", everything=True))) == ["bob"]

    def test_a_refused_write_leaves_the_transaction_usable(self, store: Store) -> None:
        with store.transaction():
            a_pool(store)
            with pytest.raises(NotFound):
                a_user(store, "ada", {"groups": ["nowhere"]})
            a_user(store, "ada")
        assert store.count("user") == 1

    def test_closing_twice_is_harmless(self, store: Store) -> None:
        store.close()
        store.close()
