"""Whatever is done in whatever order: the index tables say what the documents say, and what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pool_as_code.core.errors import StoreError
from pool_as_code.core.fieldpath import FieldPath, Item
from pool_as_code.core.values import JsonMap, JsonValue, as_list, as_map, parse_json
from pool_as_code.directory import groups, identifiers, pools, profile, users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.starting import NewUser
from pool_as_code.directory.tables import TABLES

POOLS = ("p1", "p2")
NAMES = ("ada", "Ada", "bob", "BOB@x.y", "bob@x.y")
USERS = st.sampled_from(["u1", "u2", "u3"])
GROUPS = st.sampled_from(["g1", "g2", "g3"])
IN_POOL = st.sampled_from(POOLS)
NAMED = st.lists(st.sampled_from(NAMES).map(lambda name: {"uid": name}), max_size=3)
REACHED = st.lists(
    st.builds(lambda name, verified: {"email": name, "verified": verified}, st.sampled_from(NAMES[3:]), st.booleans()),
    max_size=2,
    unique_by=lambda member: member["email"],
)
Write = tuple[FieldPath, JsonValue]
WRITES: st.SearchStrategy[Write] = st.one_of(
    NAMED.map(lambda value: (("spec", "identifiers"), value)),
    st.sampled_from(NAMES).map(lambda name: (("spec", "identifiers", Item(f"uid:{name}")), {"uid": name})),
    st.sampled_from(NAMES).map(lambda name: (("spec", "identifiers", Item(f"uid:{name}")), None)),
    REACHED.map(lambda value: (("spec", "addresses"), value)),
    GROUPS.map(lambda group: (("spec", "groups", Item(group)), group)),
    GROUPS.map(lambda group: (("spec", "groups", Item(group)), None)),
    st.just((("spec", "profile", "first_name"), "")),
    st.sampled_from(["new", "active", "gone"]).map(lambda status: (("spec", "status"), status)),
)


class Everyday(RuleBasedStateMachine):
    """A directory with two pools, and everything people may do to it."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Directory(None, environ={}, hash_parameters=TEST_PARAMETERS)
        for pool in POOLS:
            pools.create(self.directory, pool, {}, {})

    def teardown(self) -> None:
        self.directory.close()

    def attempt(self, action: Callable[[], object]) -> None:
        before = self.everything()
        try:
            action()
        except StoreError:
            assert self.everything() == before, "what is refused changes nothing"

    def everything(self) -> dict[str, list[object]]:
        found = {}
        for table in TABLES:
            found[table.name] = [
                tuple(row) for row in self.directory.db.rows(f"SELECT * FROM {table.name} ORDER BY 1, 2")
            ]
        return found  # type: ignore[return-value]

    @rule(id=USERS, pool=IN_POOL, named=NAMED, reached=REACHED, inside=st.lists(GROUPS, max_size=2))
    def make_user(
        self, id: str, pool: str, named: list[JsonValue], reached: list[JsonValue], inside: list[JsonValue]
    ) -> None:
        spec: JsonMap = {"identifiers": named, "addresses": reached, "groups": inside}
        self.attempt(lambda: users.create(self.directory, NewUser(id, pool, spec)))

    @rule(pool=IN_POOL, many=st.lists(st.tuples(USERS, NAMED), max_size=3))
    def make_many(self, pool: str, many: list[tuple[str, list[JsonValue]]]) -> None:
        new = [NewUser(id, pool, {"identifiers": named}) for id, named in many]
        made = users.create_many(self.directory, new)
        assert len(made) == len(new)

    @rule(id=USERS, pool=IN_POOL, writes=st.lists(WRITES, min_size=1, max_size=3))
    def write(self, id: str, pool: str, writes: list[Write]) -> None:
        self.attempt(lambda: users.update(self.directory, id, pool, writes))

    @rule(id=USERS, pool=IN_POOL)
    def remove_user(self, id: str, pool: str) -> None:
        self.attempt(lambda: users.delete(self.directory, id, pool))

    @rule(id=USERS, pool=IN_POOL, member=st.sampled_from(NAMES))
    def add_address(self, id: str, pool: str, member: str) -> None:
        self.attempt(lambda: profile.add_address(self.directory, pool, id, {"email": member}))

    @rule(id=GROUPS, pool=IN_POOL, parent=st.none() | GROUPS)
    def make_group(self, id: str, pool: str, parent: str | None) -> None:
        metadata: JsonMap = {"parent": parent} if parent else {}
        self.attempt(lambda: groups.create(self.directory, id, pool, metadata, {}))

    @rule(id=GROUPS, pool=IN_POOL, parent=st.none() | GROUPS)
    def move_group(self, id: str, pool: str, parent: str | None) -> None:
        self.attempt(lambda: groups.update(self.directory, id, pool, [(("metadata", "parent"), parent)]))

    @rule(id=GROUPS, pool=IN_POOL)
    def remove_group(self, id: str, pool: str) -> None:
        self.attempt(lambda: groups.delete(self.directory, id, pool))

    @rule(pool=IN_POOL, on=st.sampled_from([True, False, None]))
    def switch_case(self, pool: str, on: bool | None) -> None:
        path = ("spec", "signIn", "identifiersIgnoreCase")
        self.attempt(lambda: pools.update(self.directory, pool, [(path, on)]))

    @rule(pool=IN_POOL)
    def start_over(self, pool: str) -> None:
        pools.delete(self.directory, pool)
        pools.create(self.directory, pool, {}, {})

    @invariant()
    def the_indexes_say_what_the_documents_say(self) -> None:
        db = self.directory.db
        folding = {
            id: identifiers.ignores_case(as_map(as_map(parse_json(text)).get("spec")))
            for id, text in db.rows("SELECT id, document FROM pools")
        }
        named, verified, members = set(), set(), set()
        for id, pool, text in db.rows("SELECT id, pool_id, document FROM users"):
            spec = as_map(as_map(parse_json(text)).get("spec"))
            names = identifiers.names_of(spec, ignore_case=folding[pool])
            named |= {(pool, key, id) for key in names.identifiers}
            verified |= {(pool, key, id) for key in names.verified}
            members |= {(group, id) for group in as_list(spec.get("groups"))}
        assert set(db.rows("SELECT pool_id, key, user_id FROM user_identifiers")) == named
        assert set(db.rows("SELECT pool_id, key, user_id FROM verified_addresses")) == verified
        assert set(db.rows("SELECT group_id, user_id FROM group_members")) == members
        in_pool: dict[str, str] = dict(db.rows("SELECT id, pool_id FROM user_groups"))
        for group, user in members:
            assert (in_pool[str(group)],) in db.rows("SELECT pool_id FROM users WHERE id = ?", user)
        assert db.rows("PRAGMA foreign_key_check") == []


TestEveryday = Everyday.TestCase
TestEveryday.settings = settings(max_examples=40, stateful_step_count=30)
