"""Who signs in, and what states of a password mean."""

from __future__ import annotations

import pytest

from pool_as_code.core.errors import NotFound, Rejected
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap
from pool_as_code.directory import changing, credentials, pools, rows, sign_in, users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import verify_password
from pool_as_code.directory.sign_in import SignIn
from pool_as_code.directory.starting import NewUser
from pool_as_code.directory.totp import counter_at, parse_totp_secret, totp_code
from pool_as_code.resources.stored_hash import StoredHash
from tests.directory.people import PASSWORD, a_pool, a_user, with_password
from tests.stores.conformance_ledger import Clock

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def verify(directory: Directory, password: str = PASSWORD, *, consume: bool = True) -> SignIn:
    return sign_in.verify(directory, "customers", password, user_id="ada", consume=consume)


def a_state(directory: Directory) -> str:
    found = credentials.find(directory.db, "ada", "password")
    assert found is not None
    return found.state


def test_a_user_is_found_by_id_or_by_any_identifier(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory, identifiers=[{"email": "ada@example.com"}, {"uid": "ada"}])
    for asked in ({"user_id": "ada"}, {"identifier": "ada"}, {"identifier": "ada@example.com"}):
        found = sign_in.verify(directory, "customers", PASSWORD, **asked)  # type: ignore[arg-type]
        assert (found.result, found.user_id, found.state, found.passed) == ("password_correct", "ada", "valid", True)


@pytest.mark.parametrize("asked", [{"user_id": "nobody"}, {"identifier": "nobody"}, {}])
def test_an_unknown_user_is_not_found_and_takes_a_hash_of_time(
    directory: Directory, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a_pool(directory)
    verified = []

    def counted(password: str, stored: StoredHash) -> bool:
        verified.append(password)
        return verify_password(password, stored)

    monkeypatch.setattr(sign_in, "verify_password", counted)
    found = sign_in.verify(directory, "customers", PASSWORD, **asked)  # type: ignore[arg-type]
    assert found == SignIn("user_not_found")
    assert verified == [PASSWORD]


def test_a_user_of_another_pool_is_not_found(directory: Directory) -> None:
    a_pool(directory)
    a_pool(directory, "others")
    with_password(directory)
    assert sign_in.verify(directory, "others", PASSWORD, user_id="ada") == SignIn("user_not_found")
    assert sign_in.verify(directory, "others", PASSWORD, identifier="ada@example.com") == SignIn("user_not_found")
    with pytest.raises(NotFound):
        sign_in.verify(directory, "nowhere", PASSWORD, user_id="ada")


def test_a_user_without_a_password_has_none(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory, status="active")
    assert verify(directory) == SignIn("no_password", "ada")


@pytest.mark.parametrize("password", ["", "x" * 10_000, "\ud800", "\0", PASSWORD + " ", PASSWORD.upper()])
def test_whatever_is_typed_a_wrong_password_is_wrong(directory: Directory, password: str) -> None:
    a_pool(directory)
    with_password(directory)
    assert verify(directory, password) == SignIn("password_incorrect", "ada")


@pytest.mark.parametrize("status", ["new", "inactive", "deleted"])
def test_only_active_users_pass_and_others_look_like_a_wrong_password(directory: Directory, status: str) -> None:
    a_pool(directory)
    with_password(directory, status=status)
    assert verify(directory) == SignIn("password_incorrect", "ada")
    users.update(directory, "ada", "customers", [(("spec", "status"), "active")])
    assert verify(directory).passed


# -- states


def test_a_password_that_must_be_changed_is_good_once(directory: Directory) -> None:
    a_pool(directory)
    row = with_password(directory, about={"initial": {"fromEnv": "X"}, "mustChange": True})
    assert verify(directory, "wrong").result == "password_incorrect"
    assert verify(directory) == SignIn("password_correct", "ada", "must_be_changed")
    assert a_state(directory) == "must_be_reset"
    assert verify(directory) == SignIn("password_expired", "ada", "must_be_reset")
    assert rows.require(directory.db, "user", "ada").revision == row.revision + 1


def test_after_its_one_sign_in_it_can_be_changed_for_a_while(directory: Directory, clock: Clock) -> None:
    a_pool(directory)
    for id in ("ada", "bob"):
        with_password(directory, id, about={"initial": {"fromEnv": "X"}, "mustChange": True})
        assert sign_in.verify(directory, "customers", PASSWORD, user_id=id).passed
    clock.forward(minutes=9)
    changing.change_password(directory, "customers", "ada", PASSWORD, "another one 8")
    assert verify(directory, "another one 8") == SignIn("password_correct", "ada", "valid")
    clock.forward(minutes=2)
    with pytest.raises(Rejected):
        changing.change_password(directory, "customers", "bob", PASSWORD, "another one 8")


def test_it_can_be_changed_before_any_sign_in_too(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory, about={"initial": {"fromEnv": "X"}, "mustChange": True})
    changing.change_password(directory, "customers", "ada", PASSWORD, "another one 8")
    assert a_state(directory) == "valid"


def test_a_look_uses_nothing_up_and_writes_nothing(directory: Directory) -> None:
    a_pool(directory)
    row = with_password(directory, about={"initial": {"fromEnv": "X"}, "mustChange": True})
    for _ in range(3):
        assert verify(directory, consume=False) == SignIn("password_correct", "ada", "must_be_changed")
    assert a_state(directory) == "must_be_changed"
    assert rows.require(directory.db, "user", "ada").revision == row.revision


def test_a_password_that_must_be_reset_is_good_for_nothing(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory, about={"initial": {"fromEnv": "X"}, "mustReset": True, "mustChange": True})
    assert verify(directory) == SignIn("password_expired", "ada", "must_be_reset")
    with pytest.raises(Rejected):
        changing.change_password(directory, "customers", "ada", PASSWORD, "another one 8")


def test_two_sign_ins_at_once_do_not_both_use_a_password_that_is_good_once(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_pool(directory)
    with_password(directory, about={"initial": {"fromEnv": "X"}, "mustChange": True})

    def slow(password: str, stored: StoredHash) -> bool:
        monkeypatch.setattr(sign_in, "verify_password", verify_password)
        assert verify(directory).passed
        return verify_password(password, stored)

    monkeypatch.setattr(sign_in, "verify_password", slow)
    assert not verify(directory).passed


def test_administrators_set_the_state_of_a_password(directory: Directory) -> None:
    a_pool(directory)
    with_password(directory)
    a_user(directory, "bob")
    credentials.set_password_state(directory, "customers", "ada", "must_be_reset")
    assert verify(directory).result == "password_expired"
    credentials.set_password_state(directory, "customers", "ada", "valid")
    assert verify(directory).passed
    with pytest.raises(NotFound):
        credentials.set_password_state(directory, "customers", "bob", "valid")
    with pytest.raises(Rejected):
        credentials.set_password_state(directory, "customers", "ada", "fresh")  # type: ignore[arg-type]


def test_passwords_set_before_a_moment_must_be_reset(directory: Directory, clock: Clock) -> None:
    a_pool(directory)
    with_password(directory)
    path = ("spec", "recovery", "forceReset", "passwordsSetBefore")
    pools.update(directory, "customers", [(path, "2026-03-01T12:00:00Z")])
    assert verify(directory).passed, "set at that very moment, not before"
    pools.update(directory, "customers", [(path, "2026-03-01T12:00:00.001Z")])
    assert verify(directory) == SignIn("password_expired", "ada", "must_be_reset")
    with pytest.raises(Rejected):
        changing.change_password(directory, "customers", "ada", PASSWORD, "another one 8")
    clock.forward(hours=1)
    with_password(directory, "bob")
    assert sign_in.verify(directory, "customers", PASSWORD, user_id="bob").passed


# -- authenticator apps


def with_totp(directory: Directory, **spec: object) -> None:
    known: JsonMap = {"status": "active", "totp": {"secret": {"fromEnv": "X"}}, **spec}  # type: ignore[dict-item]
    users.create(directory, NewUser("ada", "customers", known, {"totp.secret": Secret(SEED)}))


def code_at(clock: Clock, steps: int = 0) -> str:
    return totp_code(parse_totp_secret(SEED), counter_at(clock().timestamp()) + steps)


def test_a_code_of_the_app_is_good_once(directory: Directory, clock: Clock) -> None:
    a_pool(directory)
    with_totp(directory)
    assert not sign_in.verify_totp(directory, "customers", "ada", "000000")
    assert sign_in.verify_totp(directory, "customers", "ada", code_at(clock))
    assert not sign_in.verify_totp(directory, "customers", "ada", code_at(clock))
    clock.forward(seconds=30)
    assert sign_in.verify_totp(directory, "customers", "ada", code_at(clock))


def test_a_code_is_worth_nothing_without_an_app_an_active_user_or_in_another_pool(
    directory: Directory, clock: Clock
) -> None:
    a_pool(directory)
    a_pool(directory, "others")
    with_totp(directory, status="inactive")
    a_user(directory, "bob", status="active")
    for pool, id in (("customers", "ada"), ("customers", "bob"), ("others", "ada"), ("customers", "nobody")):
        assert not sign_in.verify_totp(directory, pool, id, code_at(clock))


def test_apps_set_up_before_a_moment_must_be_reset(directory: Directory, clock: Clock) -> None:
    a_pool(directory, spec={"recovery": {"forceReset": {"totpSetBefore": "2026-03-02T00:00:00Z"}}})
    with_totp(directory)
    assert not sign_in.verify_totp(directory, "customers", "ada", code_at(clock))


def test_the_secret_is_stored_sealed_and_bound_to_its_user(directory: Directory, clock: Clock) -> None:
    a_pool(directory)
    with_totp(directory)
    found = credentials.find(directory.db, "ada", "totp")
    assert found is not None
    assert SEED not in found.payload
    a_user(directory, "eve", status="active")
    credentials.put(directory.db, [found._replace(user_id="eve")])
    from pool_as_code.directory.vault import SealBroken

    with pytest.raises(SealBroken):
        sign_in.verify_totp(directory, "customers", "eve", code_at(clock))


def test_a_secret_that_is_none_is_refused_without_showing_it(directory: Directory) -> None:
    a_pool(directory)
    with pytest.raises(Rejected) as refused:
        users.create(
            directory, NewUser("ada", "customers", {"totp": {"secret": {}}}, {"totp.secret": Secret("NOT1BASE32")})
        )
    assert "NOT1BASE32" not in refused.value.message


# -- passkeys


def test_a_user_has_no_more_passkeys_than_the_pool_allows(directory: Directory) -> None:
    a_pool(directory, spec={"poolLimits": {"passkeysPerUser": 2}})
    keys: list[JsonMap] = [{"id": f"key-{n}", "public_key": "AAAA"} for n in range(3)]
    with pytest.raises(Rejected):
        a_user(directory, passkeys=keys)  # type: ignore[arg-type]
    a_user(directory, passkeys=keys[:2])  # type: ignore[arg-type]
    assert [one.id for one in credentials.passkeys_of(directory.db, "ada")] == ["key-0", "key-1"]
