"""How accounts come to life: registered, invited, activated by a code."""

from __future__ import annotations

import pytest

from pool_as_code.core.errors import Conflict, NotFound, Rejected
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap, JsonValue
from pool_as_code.directory import codes, messages, registration, rows, sign_in, users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.registration import SignUp
from tests.directory.people import PASSWORD, a_pool, a_user, change, the_message
from tests.stores.conformance_ledger import Clock

OPEN: JsonMap = {"registrationModes": {"selfRegistration": True}}
MAIL: JsonMap = {"email": "ada@example.com"}


def invited(directory: Directory, id: str = "ada", **spec: JsonValue) -> rows.Row:
    known: dict[str, JsonValue] = {"identifiers": [{"email": f"{id}@example.com"}], "invitation": {"send": "onCreate"}}
    return a_user(directory, id, **{**known, **spec})  # type: ignore[arg-type]


# -- self registration


@pytest.mark.parametrize("spec", [{}, {"registrationModes": {"selfRegistration": False}}])
def test_nobody_registers_where_self_registration_is_off(directory: Directory, spec: JsonMap) -> None:
    a_pool(directory, spec=spec)
    with pytest.raises(Rejected):
        registration.register(directory, "customers", SignUp(MAIL))
    assert directory.db.value("SELECT count(*) FROM users") == 0


def test_who_registers_is_new_until_the_code_comes_back_and_then_signs_in(directory: Directory) -> None:
    a_pool(directory, spec=OPEN)
    id = registration.register(
        directory, "customers", SignUp(MAIL, profile={"first_name": "Ada"}, password=Secret(PASSWORD))
    )
    assert rows.require(directory.db, "user", id).spec["status"] == "new"
    assert not sign_in.verify(directory, "customers", PASSWORD, user_id=id).passed
    message, code = the_message(directory, "activation")
    assert (message.address, message.via) == ("ada@example.com", "link")
    made = registration.activate(directory, "customers", code.long)
    assert made.spec == {
        "addresses": [{"email": "ada@example.com", "verified": True}],
        "identifiers": [{"email": "ada@example.com"}],
        "profile": {"first_name": "Ada"},
        "status": "active",
        "userType": "standard",
    }
    assert sign_in.verify(directory, "customers", PASSWORD, identifier="ada@example.com").passed


def test_the_profile_must_fit_and_the_password_too(directory: Directory) -> None:
    a_pool(directory, spec={**OPEN, "passwordPolicy": {"minLength": 8}})
    for sign_up in (SignUp(MAIL, profile={"first_name": ""}), SignUp(MAIL, password=Secret("short"))):
        with pytest.raises(Rejected):
            registration.register(directory, "customers", sign_up)
    assert directory.db.value("SELECT count(*) FROM messages") == 0


def test_an_address_of_another_type_gets_the_code_and_becomes_an_identifier(directory: Directory) -> None:
    a_pool(directory, spec=OPEN)
    id = registration.register(directory, "customers", SignUp({"uid": "ada"}, address=MAIL, via="code"))
    _, code = the_message(directory, "activation")
    made = registration.activate(directory, "customers", code.short, user_id=id)
    assert made.spec["identifiers"] == [{"uid": "ada"}, {"email": "ada@example.com"}]


@pytest.mark.parametrize(
    "sign_up",
    [
        SignUp({"uid": "ada"}),
        SignUp({"federated": "x"}, address=MAIL),
        SignUp({"email": "ada@example.com"}, address={"email": "other@example.com"}),
        SignUp({"uid": "ada"}, address={"uid": "ada"}),
        SignUp({"email": "nonsense"}),
    ],
)
def test_a_sign_up_without_a_fit_identifier_and_address_is_refused(directory: Directory, sign_up: SignUp) -> None:
    a_pool(directory, spec=OPEN)
    with pytest.raises(Rejected):
        registration.register(directory, "customers", sign_up)


@pytest.mark.parametrize("held", ["identifiers", "addresses"])
def test_a_taken_identifier_is_answered_alike_and_its_owner_is_told(directory: Directory, held: str) -> None:
    a_pool(directory, spec=OPEN)
    member: JsonMap = {**MAIL, "verified": True} if held == "addresses" else MAIL
    a_user(directory, "owner", **{held: [member]})  # type: ignore[arg-type]
    assert registration.register(directory, "customers", SignUp(MAIL)) == "owner"
    (notice,) = messages.waiting(directory, "customers")
    assert (notice.kind, notice.user_id, notice.sealed) == ("registration_attempt", "owner", None)
    assert messages.contents_of(directory, notice) is None
    assert directory.db.value("SELECT count(*) FROM users") == 1


# -- invitations


def test_an_invitation_is_sent_once_when_the_user_is_created(directory: Directory) -> None:
    a_pool(directory)
    invited(directory, invitation={"send": "onCreate", "via": "code", "workspace": "shop", "returnTo": "https://x.y"})
    message, _ = the_message(directory, "activation")
    assert (message.address, message.via, message.workspace) == ("ada@example.com", "code", "shop")
    assert message.return_to == "https://x.y"
    draft = messages.Draft("customers", "ada", "activation", "ada@example.com", once="activation/ada")
    messages.send_code(directory, draft, {}, directory.moment())
    assert len(messages.waiting(directory)) == 1


@pytest.mark.parametrize("invitation", [{"send": "never"}, {}])
def test_no_invitation_is_sent_unasked(directory: Directory, invitation: JsonMap) -> None:
    a_pool(directory)
    invited(directory, invitation=invitation)
    assert messages.waiting(directory) == []


@pytest.mark.parametrize(
    ("pool", "spec"),
    [
        ({"registrationModes": {"adminInitiated": False}}, {}),
        ({}, {"status": "active"}),
        ({}, {"identifiers": [{"uid": "ada"}]}),
        ({}, {"addresses": [{"email": "a@b.c"}, {"email": "d@e.f"}]}),
    ],
    ids=["switched off", "not new", "no address", "two addresses"],
)
def test_an_invitation_that_can_not_be_sent_refuses_the_user(
    directory: Directory, pool: JsonMap, spec: JsonMap
) -> None:
    a_pool(directory, spec=pool)
    with pytest.raises(Rejected) as refused:
        invited(directory, **spec)  # type: ignore[arg-type]
    assert rows.find(directory.db, "user", "ada") is None
    assert "@" not in refused.value.message


@pytest.mark.parametrize(
    ("addresses", "to"),
    [
        ([{"email": "x@y.z"}], "x@y.z"),
        ([{"email": "x@y.z"}, {"mobile": "+48123456789"}], "x@y.z"),
        ([{"email": "old@y.z", "status": "inactive"}, {"email": "x@y.z"}], "x@y.z"),
        ([{"mobile": "+48123456789"}], "+48123456789"),
        ([], "ada@example.com"),
    ],
)
def test_an_invitation_goes_to_the_one_address_there_is(
    directory: Directory, addresses: list[JsonValue], to: str
) -> None:
    a_pool(directory)
    invited(directory, addresses=addresses)
    assert the_message(directory, "activation")[0].address == to


def test_many_users_are_invited_in_one_go_and_each_failure_stands_alone(directory: Directory) -> None:
    a_pool(directory)
    from pool_as_code.directory.starting import NewUser

    send: JsonMap = {"send": "onCreate"}
    made = users.create_many(
        directory,
        [
            NewUser("a", "customers", {"identifiers": [{"email": "a@b.c"}], "invitation": send}),
            NewUser("b", "customers", {"invitation": send}),
            NewUser("c", "customers", {"identifiers": [{"email": "a@b.c"}], "invitation": send}),
            NewUser("d", "customers", {"identifiers": [{"email": "d@b.c"}], "invitation": send}),
        ],
    )
    assert [type(one).__name__ for one in made] == ["Row", "Rejected", "Conflict", "Row"]
    assert sorted(message.user_id for message in messages.waiting(directory)) == ["a", "d"]


def test_an_administrator_sends_again_and_the_earlier_code_is_void(directory: Directory) -> None:
    a_pool(directory)
    invited(directory)
    first, old = the_message(directory, "activation")
    messages.delivered(directory, first.id)
    registration.invite(directory, "customers", "ada", via="code")
    _, new = the_message(directory, "activation")
    with pytest.raises(Rejected):
        registration.activate(directory, "customers", old.long)
    registration.activate(directory, "customers", new.long)


def test_an_administrator_invites_only_new_users_to_their_own_addresses(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory, "ada", identifiers=[MAIL])
    a_user(directory, "bob", addresses=[{"email": "bob@example.com", "verified": True}])
    a_user(directory, "eve", status="active", identifiers=[{"email": "eve@example.com"}])
    for id, address in (("ada", "bob@example.com"), ("eve", "")):
        with pytest.raises(Rejected):
            registration.invite(directory, "customers", id, address=address)
    change(
        directory, rows.require(directory.db, "user", "ada"), (("spec", "addresses"), [{"email": "bob@example.com"}])
    )
    with pytest.raises(Rejected):
        registration.invite(directory, "customers", "ada", address="bob@example.com")
    with pytest.raises(NotFound):
        registration.invite(directory, "customers", "nobody")


# -- activation


def test_an_invited_user_sets_the_first_password_on_activation(directory: Directory) -> None:
    a_pool(directory, spec={"passwordPolicy": {"minLength": 8}})
    invited(directory)
    _, code = the_message(directory, "activation")
    with pytest.raises(Rejected):
        registration.activate(directory, "customers", code.long, password=Secret("short"))
    registration.activate(directory, "customers", code.long, password=Secret(PASSWORD))
    assert sign_in.verify(directory, "customers", PASSWORD, user_id="ada").passed


def test_a_password_is_refused_where_there_is_one(directory: Directory) -> None:
    a_pool(directory, spec=OPEN)
    registration.register(directory, "customers", SignUp(MAIL, password=Secret(PASSWORD)))
    _, code = the_message(directory, "activation")
    with pytest.raises(Rejected):
        registration.activate(directory, "customers", code.long, password=Secret("another one"))
    registration.activate(directory, "customers", code.long)


def test_a_code_works_once_in_time_in_its_pool_and_for_its_user(directory: Directory, clock: Clock) -> None:
    a_pool(directory, spec={"codes": {"activation": {"ttl": "1h", "length": 8}}})
    a_pool(directory, "others")
    invited(directory)
    invited(directory, "bob")
    _, code = the_message_of(directory, "ada")
    assert len(code.short) == 8
    for pool, text, user in (
        ("others", code.long, ""),
        ("customers", code.short, "bob"),
        ("customers", code.short, ""),
        ("customers", code.long, "bob"),
        ("customers", "00000000x", "ada"),
        ("customers", "", "ada"),
    ):
        with pytest.raises(Rejected):
            registration.activate(directory, pool, text, user_id=user)
    clock.forward(hours=1)
    with pytest.raises(Rejected):
        registration.activate(directory, "customers", code.long)
    clock.forward(seconds=-1)
    registration.activate(directory, "customers", code.short, user_id="ada")
    with pytest.raises(Rejected):
        registration.activate(directory, "customers", code.short, user_id="ada")


def the_message_of(directory: Directory, id: str) -> tuple[messages.Message, messages.Contents]:
    (message,) = [one for one in messages.waiting(directory) if one.user_id == id]
    contents = messages.contents_of(directory, message)
    assert contents is not None
    return message, contents


@pytest.mark.parametrize("status", ["active", "inactive", "deleted"])
def test_only_new_users_are_activated(directory: Directory, status: str) -> None:
    a_pool(directory)
    row = invited(directory)
    _, code = the_message(directory, "activation")
    change(directory, row, (("spec", "status"), status))
    with pytest.raises(Rejected):
        registration.activate(directory, "customers", code.long)
    assert rows.require(directory.db, "user", "ada").spec["status"] == status


def test_an_address_that_was_taken_meanwhile_stops_the_activation(directory: Directory) -> None:
    a_pool(directory)
    row = invited(directory, addresses=[{"email": "shared@example.com"}])
    _, code = the_message(directory, "activation")
    a_user(directory, "bob", addresses=[{"email": "shared@example.com", "verified": True}])
    with pytest.raises(Conflict):
        registration.activate(directory, "customers", code.long)
    users.delete(directory, "bob", "customers")
    registration.activate(directory, "customers", code.long)
    users.delete(directory, row.id, "customers")


def test_an_address_that_is_gone_stops_the_activation(directory: Directory) -> None:
    a_pool(directory)
    row = invited(directory, addresses=[{"email": "old@example.com"}])
    _, code = the_message(directory, "activation")
    change(directory, row, (("spec", "addresses"), [{"email": "new@example.com"}]))
    with pytest.raises(Rejected):
        registration.activate(directory, "customers", code.long)


# -- codes and messages


def test_a_new_code_voids_the_earlier_one_but_each_address_has_its_own(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory)
    first = codes.issue(directory, "ada", "resetPassword", "a@b.c", {})
    second = codes.issue(directory, "ada", "resetPassword", "d@e.f", {})
    other = codes.issue(directory, "ada", "challenge", "a@b.c", {})
    with pytest.raises(Rejected):
        codes.redeem(directory, "customers", "resetPassword", first.long)
    with pytest.raises(Rejected):
        codes.redeem(directory, "customers", "resetPassword", other.long)
    assert codes.redeem(directory, "customers", "resetPassword", second.short, "ada") == ("ada", "d@e.f")
    mine = [codes.issue(directory, "ada", "verifyAddress", address, {}) for address in ("a@b.c", "d@e.f")]
    assert [codes.redeem(directory, "customers", "verifyAddress", code.long).address for code in mine] == [
        "a@b.c",
        "d@e.f",
    ]
    again = [codes.issue(directory, "ada", "verifyAddress", "a@b.c", {}) for _ in range(2)]
    with pytest.raises(Rejected):
        codes.redeem(directory, "customers", "verifyAddress", again[0].long)


def test_codes_are_stored_as_digests_and_do_not_print(directory: Directory) -> None:
    a_pool(directory)
    a_user(directory)
    code = codes.issue(directory, "ada", "challenge", "a@b.c", {"codes": {"challenge": {"length": 32}}})
    stored = str(directory.db.rows("SELECT * FROM codes"))
    assert len(code.short) == 32
    for text in (stored, repr(code)):
        assert code.short not in text
        assert code.long not in text


def test_a_delivered_message_waits_no_more_and_its_code_is_forgotten(directory: Directory) -> None:
    a_pool(directory)
    invited(directory)
    message, contents = the_message(directory, "activation")
    assert contents.short not in repr(contents)
    messages.delivered(directory, message.id)
    assert messages.waiting(directory) == []
    assert directory.db.rows("SELECT sealed FROM messages") == [(None,)]
    with pytest.raises(NotFound):
        messages.delivered(directory, message.id)


def test_messages_and_codes_go_with_their_user(directory: Directory) -> None:
    a_pool(directory)
    invited(directory)
    users.delete(directory, "ada", "customers")
    assert directory.db.value("SELECT count(*) FROM messages") == 0
    assert directory.db.value("SELECT count(*) FROM codes") == 0
    invited(directory)
    assert len(messages.waiting(directory)) == 1
