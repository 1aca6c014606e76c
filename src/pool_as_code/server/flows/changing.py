"""How credentials become others: changed with the old one, reset with a code; and addresses that are shown to be the user's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...core.errors import NotFound, Rejected
from ...directory import authenticators, challenges, profile, rows, users
from ...directory import changing as rules
from ...directory.directory import Directory
from ...directory.rows import Row
from ..api.bases import admin, system
from ..call import NO_CONTENT, Answer, Call
from ..operations import Operation
from ..problems import Problem
from .asking import counted, meant, named, not_too_often, pool_id_of, quietly, subject_of, via_of

_MESSAGE = ("code_type_in_message", "server_id")


def operations() -> Iterator[Operation]:
    """Passwords, authenticators, addresses."""
    pool, user = "/pools/{ipID}/user", "/pools/{ipID}/users/{userID}"
    for word, name, sent, request, complete in (
        ("password", "Password", "PasswordReset", request_password, complete_password),
        ("totp", "Totp", "TotpReset", request_totp, complete_totp),
    ):
        yield system(
            "POST",
            f"{pool}/{word}/reset/request",
            f"requestReset{name}",
            "Send a code for a reset; tells nothing",
            request,
            204,
            "ResetWanted",
            "",
            _MESSAGE,
        )
        yield system(
            "POST",
            f"{pool}/{word}/reset/complete",
            f"completeReset{name}",
            "Reset with a code",
            complete,
            204,
            sent,
            "",
            (),
            False,
            True,
        )
    yield system(
        "POST",
        f"{pool}/password/reset/confirm",
        "confirmResetPassword",
        "Reset with a code (the older path)",
        complete_password,
        204,
        "PasswordReset",
        "",
        (),
        False,
        True,
    )
    for path, name in (("change-password", "changePassword"), ("change_password", "changePasswordOld")):
        yield system(
            "POST",
            f"{user}/{path}",
            name,
            "Change a password with the old one",
            change_password,
            204,
            "PasswordChange",
            "",
            (),
            False,
            True,
        )
    yield system(
        "POST",
        f"{user}/totp/change",
        "changeTotp",
        "Change an authenticator with its code",
        change_totp,
        204,
        "TotpChange",
        "",
        (),
        False,
        True,
    )
    verification = f"{user}/address/verification"
    yield system(
        "POST",
        f"{verification}/request",
        "requestAddressVerification",
        "Send a code to an address",
        request_verification,
        204,
        "AddressKey",
        "",
        _MESSAGE,
    )
    yield system(
        "POST",
        f"{verification}/complete",
        "completeAddressVerification",
        "Verify an address with its code",
        complete_verification,
        204,
        "AddressCode",
        "",
        (),
        False,
        True,
    )
    yield admin(
        "POST",
        f"{verification}/request",
        "requestAddressVerification",
        "Send a code to an address",
        request_verification,
        204,
        "AddressKey",
        "",
        _MESSAGE,
    )
    yield admin(
        "POST",
        f"{user}/password/reset/request",
        "requestResetPassword",
        "Send a user a code for a reset",
        request_for,
        204,
        "AddressKey",
        "",
        _MESSAGE,
    )


def request_password(call: Call) -> Answer:
    """Always 204 where users may reset their passwords, 403 where they may not."""
    return _requested(call, rules.request_reset)


def request_totp(call: Call) -> Answer:
    """The same for authenticators."""
    return _requested(call, authenticators.request_reset)


def request_for(call: Call) -> Answer:
    """The administrator's way: an address that is not verified is told."""
    row, address = _user(call), str(call.body("address")["address"])
    holder = users.find(call.directory, row.pool_id, address=address)
    if holder is None or holder.id != row.id:
        raise NotFound("not a verified address of the user")
    rules.request_reset(
        call.directory,
        row.pool_id,
        address=address,
        user_id=row.id,
        by_admin=True,
        via=via_of(call),
        workspace=_place(call),
    )
    return NO_CONTENT


def complete_password(call: Call) -> Answer:
    """A new password with a code; 401 for whatever is wrong but the password itself."""
    pool_id, body = pool_id_of(call), call.body("code", "new_password")
    with counted(call, "identity_set_credential", subject_of(call, pool_id, body)):
        user_id = meant(call, pool_id, body)
        rules.complete_reset(call.directory, pool_id, str(body["code"]), str(body["new_password"]), user_id=user_id)
    return NO_CONTENT


def complete_totp(call: Call) -> Answer:
    """A new authenticator with a code."""
    pool_id, body = pool_id_of(call), call.body("code", "new_totp_secret")
    with counted(call, "identity_set_credential", subject_of(call, pool_id, body)):
        user_id = meant(call, pool_id, body)
        secret = str(body["new_totp_secret"])
        authenticators.complete_reset(call.directory, pool_id, str(body["code"]), secret, user_id=user_id)
    return NO_CONTENT


def change_password(call: Call) -> Answer:
    """403 for a wrong old password, 422 for a new one that the policy refuses."""
    row, body = _user(call), call.body("old_password", "new_password")
    old, new = str(body["old_password"]), str(body["new_password"])
    with refusing(call, "identity_change_password", row.id):
        rules.change_password(call.directory, row.pool_id, row.id, old, new)
    return NO_CONTENT


def change_totp(call: Call) -> Answer:
    """403 for a wrong code of the present authenticator."""
    row, body = _user(call), call.body("totp", "new_totp_secret")
    with refusing(call, "identity_change_totp_secret", row.id):
        authenticators.change(call.directory, row.pool_id, row.id, str(body["totp"]), str(body["new_totp_secret"]))
    return NO_CONTENT


def request_verification(call: Call) -> Answer:
    """Send a code to an address of the user that is not verified."""
    row, address = _user(call), str(call.body("address")["address"])
    own = challenges.own_address(row, address)
    if not own:
        raise NotFound("not an address of the user")
    profile.request_verification(call.directory, row.pool_id, row.id, own, via=via_of(call, "code"))
    return NO_CONTENT


def complete_verification(call: Call) -> Answer:
    """Verify it with the code. The address of the code counts."""
    row, body = _user(call), call.body("address", "code")
    own = challenges.own_address(row, str(body["address"]))
    if not own:
        raise NotFound("not an address of the user")
    with counted(call, "identity_address_verification", row.id):
        profile.verify_address(call.directory, row.pool_id, str(body["code"]), user_id=row.id, address=own)
    return NO_CONTENT


@contextmanager
def refusing(call: Call, kind: str, subject: str) -> Iterator[None]:
    """As `counted`, with 403: a program that gets 401 would only fetch a new token."""
    try:
        with counted(call, kind, subject):
            yield
    except Problem as problem:
        if problem.status != 401:
            raise
        raise Problem(403, problem.error, code=problem.code) from None


def _requested(call: Call, send: Callable[..., None]) -> Answer:
    pool_id, body = pool_id_of(call), call.body("address")
    user_id, identifier, address = named(body)
    if user_id and identifier:
        raise Problem(400, "userID and identifier exclude each other")
    pool_spec = rows.require(call.directory.db, "pool", pool_id).spec
    try:
        rules.check_self_reset(pool_spec)
    except Rejected as error:
        raise Problem(403, error.message) from None
    not_too_often(call, pool_id, address)
    via, place = via_of(call), _place(call)

    def work(directory: Directory) -> None:
        found = users.find(directory, pool_id, identifier=identifier) if identifier else None
        if not identifier or found is not None:
            meant_id = found.id if found is not None else user_id
            send(directory, pool_id, address=address, user_id=meant_id, via=via, workspace=place)

    return quietly(work)


def _place(call: Call) -> str:
    return call.query.get("server_id", "")


def _user(call: Call) -> Row:
    return rows.require(call.directory.db, "user", call.params["userID"], pool_id=pool_id_of(call))
