"""Passwords: judged, hashed by the pool's method, remembered, expiring, changed and reset."""

from __future__ import annotations

import pytest

from pool_as_code.core.errors import Conflict, NotFound, Rejected, StoreError
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap
from pool_as_code.directory import changing, credentials, passwords, pools, rows, sign_in, users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS, hash_password
from pool_as_code.directory.starting import NewUser
from tests.directory.people import PASSWORD, a_pool, a_user, the_message, with_password
from tests.stores.conformance_ledger import Clock

POLICY: JsonMap = {"minLength": 12, "digits": 1, "strength": "strong", "history": 3}


def signs_in(directory: Directory, password: str, id: str = "ada") -> str:
    return sign_in.verify(directory, "customers", password, user_id=id).result


def stored(directory: Directory, id: str = "ada") -> credentials.Credential:
    found = credentials.find(directory.db, id, "password")
    assert found is not None
    return found


# -- setting


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short 1", "at least 12 characters"),
        ("no digit in this one", "at least 1 digit"),
        ("password1234", "too easy to guess"),
        ("wojciechowska1", "too easy to guess"),
        ("", "empty"),
    ],
)
def test_a_first_password_must_fit_the_policy_and_is_never_repeated(
    directory: Directory, password: str, said: str
) -> None:
    a_pool(directory, spec={"passwordPolicy": POLICY})
    with pytest.raises(Rejected) as refused:
        with_password(directory, password=password, profile={"last_name": "Wojciechowska"})
    assert said in refused.value.message
    assert not password or password not in refused.value.message + refused.value.hint
    assert rows.find(directory.db, "user", "ada") is None


@pytest.mark.parametrize("method", ["argon2", "bcrypt", "pbkdf2", "sha"])
def test_a_password_is_hashed_by_the_pools_method(directory: Directory, method: str) -> None:
    a_pool(directory, spec={"passwordSettings": {"hashingMethod": method}})
    with_password(directory)
    assert stored(directory).stored_hash.method == method
    assert signs_in(directory, PASSWORD) == "password_correct"
    assert signs_in(directory, PASSWORD + "x") == "password_incorrect"


def test_a_new_method_is_for_new_hashes_and_stored_ones_stay(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory)
    pools.update(directory, "customers", [(("spec", "passwordSettings", "hashingMethod"), "bcrypt")])
    assert signs_in(directory, PASSWORD) == "password_correct"
    assert stored(directory).stored_hash.method == "argon2"
    changing.change_password(directory, "customers", "ada", PASSWORD, "another one 8")
    assert stored(directory).stored_hash.method == "bcrypt"


def test_a_password_that_the_method_can_not_hash_is_refused(directory: Directory) -> None:
    a_pool(directory, spec={"passwordSettings": {"hashingMethod": "bcrypt"}})
    with pytest.raises(Rejected) as refused:
        with_password(directory, password="x" * 73)
    assert "72 bytes" in refused.value.message


@pytest.mark.parametrize("notation", ["service", "phc"])
def test_hashes_of_other_systems_are_taken_as_they_are(directory: Directory, notation: str) -> None:
    from pool_as_code.core.values import canonical

    a_pool(directory, spec={"passwordPolicy": POLICY})
    made = {
        "service": canonical(hash_password("old one", "pbkdf2", TEST_PARAMETERS).to_json()).decode(),
        "phc": "$2b$04$abcdefghijklmnopqrstuuCNvvPk2W85wjlkOZhqx0cpOqNUMI7SK",
    }[notation]
    users.create(
        directory, NewUser("ada", "customers", {"status": "active", "password": {}}, {"password.hash": Secret(made)})
    )
    expected = "password_correct" if notation == "service" else "password_incorrect"
    assert signs_in(directory, "old one") == expected


def test_a_hash_that_can_not_be_verified_is_refused_without_showing_it(directory: Directory) -> None:
    a_pool(directory)
    with pytest.raises(Rejected) as refused:
        users.create(
            directory, NewUser("ada", "customers", {"password": {}}, {"password.hash": Secret("$scrypt$abcdef")})
        )
    assert "scrypt" in refused.value.message
    assert "abcdef" not in refused.value.message


def test_a_declared_password_without_its_secret_is_refused(directory: Directory) -> None:
    a_pool(directory)
    with pytest.raises(Rejected):
        a_user(directory, password={"initial": {"fromEnv": "X"}})
    with pytest.raises(Rejected):
        users.create(directory, NewUser("ada", "customers", {}, {"password.typo": Secret("x")}))


# -- preparing many


def test_many_are_judged_and_hashed_before_anything_is_written(directory: Directory) -> None:
    a_pool(directory, "strict", {"passwordPolicy": {"minLength": 20}})

    def new(id: str, pool: str, password: str) -> NewUser:
        return NewUser(id, pool, {"password": {"mustChange": True}}, {"password.initial": Secret(password)})

    wanted = [
        new("a", "strict", "x" * 19),
        new("b", "strict", "x" * 20),
        new("c", "planned", "short"),
        new("d", "nowhere", "short"),
        new("e", "planned", "\ud800"),
        NewUser("f", "planned", {}),
    ]
    planned: JsonMap = {"passwordSettings": {"hashingMethod": "sha"}}
    made = passwords.prepare(directory, wanted, {"planned": planned})
    assert [type(one).__name__ for one in made] == ["Rejected", "NewUser", "NewUser", "NotFound", "Rejected", "NewUser"]
    ready = [one for one in made if not isinstance(one, StoreError)]
    assert [list(one.secrets) for one in ready] == [["password.hash"], ["password.hash"], []]
    a_pool(directory, "planned", planned)
    assert all(not isinstance(one, StoreError) for one in users.create_many(directory, ready))
    assert stored(directory, "c").stored_hash.method == "sha"
    assert stored(directory, "b").state == "must_be_changed"


def test_hashing_happens_outside_of_the_transaction_for_prepared_users(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_pool(directory)
    new = NewUser("ada", "customers", {"password": {}}, {"password.initial": Secret(PASSWORD)})
    (ready,) = passwords.prepare(directory, [new], {})
    assert isinstance(ready, NewUser)

    def forbidden(*given: object) -> None:
        raise AssertionError("hashed inside the transaction")

    monkeypatch.setattr(passwords, "hash_password", forbidden)
    users.create(directory, ready)
    with pytest.raises(AssertionError):
        users.create(directory, new._replace(id="bob"))


# -- changing


def test_a_change_needs_the_old_password_and_obeys_the_policy(directory: Directory) -> None:
    a_pool(directory, spec={"passwordPolicy": {"minLength": 8}})
    row = with_password(directory)
    for old, new in (("wrong", "long enough"), (PASSWORD, "short")):
        with pytest.raises(Rejected):
            changing.change_password(directory, "customers", "ada", old, new)
    changing.change_password(directory, "customers", "ada", PASSWORD, "long enough")
    assert signs_in(directory, "long enough") == "password_correct"
    assert signs_in(directory, PASSWORD) == "password_incorrect"
    assert rows.require(directory.db, "user", "ada").revision > row.revision


def test_who_has_no_password_or_is_not_there_can_change_none(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory, status="active")
    with pytest.raises(Rejected):
        changing.change_password(directory, "customers", "ada", "", "something")
    with pytest.raises(NotFound):
        changing.change_password(directory, "customers", "nobody", "", "something")


@pytest.mark.parametrize("status", ["new", "inactive", "deleted"])
def test_only_active_users_change_their_password(directory: Directory, status: str) -> None:
    a_pool(directory)
    with_password(directory, status=status)
    with pytest.raises(Rejected):
        changing.change_password(directory, "customers", "ada", PASSWORD, "another one 8")


def test_the_last_passwords_can_not_be_used_again(directory: Directory) -> None:
    a_pool(directory, spec={"passwordPolicy": {"history": 3}})
    with_password(directory, password="one")
    for old, new in (("one", "two"), ("two", "three")):
        changing.change_password(directory, "customers", "ada", old, new)
    for used in ("one", "two", "three"):
        with pytest.raises(Rejected) as refused:
            changing.change_password(directory, "customers", "ada", "three", used)
        assert "last 3" in refused.value.message
    changing.change_password(directory, "customers", "ada", "three", "four")
    changing.change_password(directory, "customers", "ada", "four", "one")
    assert len(credentials.earlier_passwords(directory.db, "ada")) == 3


def test_without_a_history_nothing_is_remembered(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory, password="one")
    changing.change_password(directory, "customers", "ada", "one", "two")
    changing.change_password(directory, "customers", "ada", "two", "one")
    assert directory.db.value("SELECT count(*) FROM password_history") == 0


def test_two_changes_at_once_do_not_both_win(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    a_pool(directory)
    with_password(directory)
    real = passwords.hash_new

    def slow(*given: object) -> object:
        monkeypatch.setattr(passwords, "hash_new", real)
        changing.change_password(directory, "customers", "ada", PASSWORD, "the faster one")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(passwords, "hash_new", slow)
    with pytest.raises(Conflict):
        changing.change_password(directory, "customers", "ada", PASSWORD, "the slower one")
    assert signs_in(directory, "the faster one") == "password_correct"


# -- resetting


def test_a_reset_by_code_sets_a_password_once(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory)
    changing.request_reset(directory, "customers", address="ADA@example.com")
    message, code = the_message(directory, "password_reset")
    assert (message.address, message.user_id) == ("ada@example.com", "ada")
    changing.complete_reset(directory, "customers", code.long, "after the reset")
    assert signs_in(directory, "after the reset") == "password_correct"
    with pytest.raises(Rejected):
        changing.complete_reset(directory, "customers", code.long, "once more")


def test_a_refused_password_leaves_the_code_usable(directory: Directory) -> None:
    a_pool(directory, spec={"passwordPolicy": {"minLength": 8}})
    with_password(directory)
    changing.request_reset(directory, "customers", address="ada@example.com")
    _, code = the_message(directory, "password_reset")
    with pytest.raises(Rejected):
        changing.complete_reset(directory, "customers", code.short, "short", user_id="ada")
    changing.complete_reset(directory, "customers", code.short, "long enough", user_id="ada")


def test_a_reset_gives_a_first_password(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory, status="active", addresses=[{"email": "ada@example.com", "verified": True}])
    assert signs_in(directory, PASSWORD) == "no_password"
    changing.request_reset(directory, "customers", address="ada@example.com")
    _, code = the_message(directory, "password_reset")
    changing.complete_reset(directory, "customers", code.long, PASSWORD)
    assert signs_in(directory, PASSWORD) == "password_correct"


def test_a_reset_lifts_must_be_reset(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory, about={"initial": {"fromEnv": "X"}, "mustReset": True})
    assert signs_in(directory, PASSWORD) == "password_expired"
    changing.request_reset(directory, "customers", address="ada@example.com")
    _, code = the_message(directory, "password_reset")
    changing.complete_reset(directory, "customers", code.long, "after the reset")
    assert signs_in(directory, "after the reset") == "password_correct"


@pytest.mark.parametrize(
    "asked",
    [
        {"address": "nobody@example.com"},
        {"address": "ada@example.com", "user_id": "bob"},
        {"address": "unverified@x.y"},
    ],
)
def test_nobody_learns_who_is_there(directory: Directory, asked: dict[str, str]) -> None:
    a_pool(directory)
    with_password(directory)
    a_user(directory, "bob", status="active", addresses=[{"email": "unverified@x.y"}])
    changing.request_reset(directory, "customers", **asked)  # type: ignore[arg-type]
    assert directory.db.value("SELECT count(*) FROM messages") == 0


def test_where_users_do_not_reset_themselves_administrators_still_can(directory: Directory) -> None:
    a_pool(directory, spec={"recovery": {"selfReset": False}})
    with_password(directory)
    with pytest.raises(Rejected):
        changing.request_reset(directory, "customers", address="ada@example.com")
    changing.request_reset(directory, "customers", address="ada@example.com", by_admin=True)
    assert the_message(directory, "password_reset")


def test_a_suspended_user_can_not_reset(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory)
    changing.request_reset(directory, "customers", address="ada@example.com")
    _, code = the_message(directory, "password_reset")
    users.update(directory, "ada", "customers", [(("spec", "status"), "inactive")])
    with pytest.raises(Rejected):
        changing.complete_reset(directory, "customers", code.long, "after the reset")


# -- expiring


def test_a_password_expires_when_the_pool_says_so_and_can_then_be_changed(directory: Directory, clock: Clock) -> None:
    a_pool(directory, spec={"passwordSettings": {"expiresAfter": "30d"}})
    with_password(directory)
    clock.forward(days=29)
    assert signs_in(directory, PASSWORD) == "password_correct"
    clock.forward(days=1)
    assert signs_in(directory, PASSWORD) == "password_expired"
    assert signs_in(directory, "wrong") == "password_incorrect"
    changing.change_password(directory, "customers", "ada", PASSWORD, "a fresh one 7")
    assert signs_in(directory, "a fresh one 7") == "password_correct"


@pytest.mark.parametrize("lasts", ["0s", None])
def test_without_an_expiry_a_password_lasts(directory: Directory, clock: Clock, lasts: str | None) -> None:
    a_pool(directory, spec={"passwordSettings": {"expiresAfter": lasts}} if lasts else {})
    with_password(directory)
    clock.forward(days=36_500)
    assert signs_in(directory, PASSWORD) == "password_correct"
