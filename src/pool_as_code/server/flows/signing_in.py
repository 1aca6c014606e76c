"""What signs people in: passwords in both forms of the answer, one-time codes, and codes that programs deliver themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.errors import NotFound
from ...core.values import JsonMap
from ...directory import challenges, codes, credentials, rows, sign_in, users
from ...directory.rows import Row
from ...directory.sign_in import SignIn
from ..api.bases import admin, system
from ..call import NO_CONTENT, Answer, Call
from ..operations import Operation
from ..problems import Problem, refused_credentials
from .asking import PURPOSES, counted, meant, named, not_too_often, pool_id_of, quietly, subject_of

_WORDS = {ours: theirs for theirs, ours in PURPOSES.items()}
_GENERATING = ("identity_self_registration",)


def operations() -> Iterator[Operation]:
    """Verification and codes."""
    pool, user = "/pools/{ipID}/user", "/pools/{ipID}/users/{userID}"
    yield system(
        "POST",
        f"{pool}/password/verify",
        "verifyPassword",
        "Whether a password signs in",
        verify_v1,
        200,
        "PasswordCheck",
        "PasswordGood",
        (),
        False,
        True,
    )
    yield system(
        "POST",
        f"{pool}/password/v2/verify",
        "verifyPasswordV2",
        "What a password is worth",
        verify_v2,
        200,
        "PasswordCheck",
        "PasswordResult",
        (),
        False,
        True,
    )
    yield system(
        "POST",
        f"{pool}/otp/request",
        "requestOTP",
        "Send a one-time code; tells nothing",
        request,
        204,
        "CodeWanted",
        "",
        ("server_id",),
    )
    yield system(
        "POST",
        f"{pool}/otp/verify",
        "verifyOTP",
        "Use a one-time code up",
        verify_code,
        200,
        "CodeCheck",
        "UserId",
        (),
        False,
        True,
    )
    yield system(
        "POST",
        f"{pool}/otp/inspect",
        "inspectOTP",
        "What a long code is for",
        inspect,
        200,
        "CodeOnly",
        "CodeAbout",
        (),
        False,
        True,
    )
    yield system(
        "POST",
        f"{pool}/authentication-code/verify",
        "verifyAuthenticationCode",
        "Use such a code up",
        verify_authentication,
        200,
        "CodeCheck",
        "UserId",
        (),
        False,
        True,
    )
    yield system(
        "POST",
        f"{pool}/code/generate",
        "generateCodeForUser",
        "Make a code that the caller delivers",
        generate,
        201,
        "CodeRequest",
        "Codes",
        scopes=_GENERATING,
    )
    yield system(
        "POST",
        f"{user}/code/generate",
        "generateCode",
        "Make a code that the caller delivers",
        generate,
        201,
        "CodeRequest",
        "Codes",
        scopes=_GENERATING,
    )
    yield admin(
        "POST",
        f"{user}/otp/request",
        "requestOTP",
        "Send a one-time code to a user",
        request_for,
        204,
        "AddressKey",
        "",
        ("server_id",),
    )
    yield admin(
        "POST",
        f"{user}/otp/verify",
        "verifyOTP",
        "Use a user's one-time code up",
        verify_for,
        200,
        "CodeOnly",
        "UserId",
        (),
        False,
        True,
    )


def verify_v1(call: Call) -> Answer:
    """200 for a password that signs in, 401 for everything else."""
    found = _verified(call)
    if not found.passed:
        raise refused_credentials()
    return Answer(200, {"id": found.user_id, "state": found.state})


def verify_v2(call: Call) -> Answer:
    """Always 200; `result` says it. The state is told only where the password was right."""
    found = _verified(call)
    return Answer(200, {"id": found.user_id, "state": found.state, "result": found.result})


def request(call: Call) -> Answer:
    """Always 204: nobody learns who has an account."""
    pool_id, body = pool_id_of(call), call.body()
    user_id, identifier, address = named(body)
    if not (user_id or identifier or address):
        raise Problem(422, "one of address, identifier and userID is required")
    not_too_often(call, pool_id, address or identifier or user_id)
    place = call.query.get("server_id", "")
    return quietly(
        lambda directory: challenges.request(
            directory, pool_id, address=address, user_id=user_id, identifier=identifier, workspace=place
        )
    )


def request_for(call: Call) -> Answer:
    """The administrator's way: an address that is not the user's is told."""
    row, address = _user(call), str(call.body("address")["address"])
    if not challenges.own_address(row, address):
        raise NotFound("not an address of the user")
    place = call.query.get("server_id", "")
    challenges.request(call.directory, row.pool_id, address=address, user_id=row.id, workspace=place)
    return NO_CONTENT


def verify_code(call: Call) -> Answer:
    """Use a one-time code up."""
    return _redeemed(call, "challenge")


def verify_authentication(call: Call) -> Answer:
    """The same for codes of type `authentication`."""
    return _redeemed(call, "authentication")


def verify_for(call: Call) -> Answer:
    """The same for the user of the path."""
    row, code = _user(call), str(call.body("code")["code"])
    with counted(call, "identity_code_verify", row.id):
        return Answer(200, {"id": challenges.verify(call.directory, row.pool_id, "challenge", code, user_id=row.id)})


def inspect(call: Call) -> Answer:
    """What a form has to ask for: whose code it is, for what, and whether there is a password already."""
    pool_id, code = pool_id_of(call), str(call.body("code")["code"])
    with counted(call, "identity_code_inspect", subject_of(call, pool_id, {"code": code})):
        found = codes.inspect(call.directory, pool_id, code)
        has = credentials.find(call.directory.db, found.user_id, "password") is not None
    return Answer(200, {"user_id": found.user_id, "password_set": has, "code_type": _WORDS[found.purpose]})


def generate(call: Call) -> Answer:
    """A fresh code in both forms, for a caller who delivers it."""
    pool_id, body = pool_id_of(call), call.body("type")
    purpose = PURPOSES.get(str(body["type"]))
    if purpose is None:
        raise Problem(422, f"type is one of {', '.join(PURPOSES)}")
    user_id, identifier, address = named({**body, "userID": call.params.get("userID") or body.get("userID")})
    if call.params.get("userID") or not identifier:
        identifier = ""
    row = users.find(call.directory, pool_id, id=user_id, identifier=identifier) if user_id or identifier else None
    if row is None and not (user_id or identifier) and purpose in ("resetPassword", "challenge"):
        row = users.find(call.directory, pool_id, address=address) if address else None
    if row is None:
        raise NotFound("there is no such user")
    code = challenges.generate(call.directory, row, purpose, address=address)
    return Answer(201, {"code": code.short, "extended_code": code.long}, {"cache-control": "no-store"})


def _verified(call: Call) -> SignIn:
    """The result of a password, with failures counted. Raises Problem 429."""
    pool_id, body = pool_id_of(call), call.body("password")
    user_id, identifier, _ = named(body)
    if not (user_id or identifier):
        raise Problem(422, "one of identifier and userID is required")
    attempts = call.site.attempts
    where = ("identity_verify_password", pool_id, subject_of(call, pool_id, _without_address(body)))
    attempts.check(*where)
    found = sign_in.verify(call.directory, pool_id, str(body["password"]), identifier=identifier, user_id=user_id)
    if found.result in ("password_incorrect", "user_not_found", "no_password"):
        attempts.failed(*where)
    else:
        attempts.succeeded(*where)
    return found


def _redeemed(call: Call, purpose: str) -> Answer:
    pool_id, body = pool_id_of(call), call.body("code")
    about = _without_address(body)
    with counted(call, "identity_code_verify", subject_of(call, pool_id, about)):
        user_id = meant(call, pool_id, about)
        found = challenges.verify(call.directory, pool_id, purpose, str(body["code"]), user_id=user_id)
    return Answer(200, {"id": found})


def _without_address(body: JsonMap) -> JsonMap:
    return {key: value for key, value in body.items() if key != "address"}


def _user(call: Call) -> Row:
    return rows.require(call.directory.db, "user", call.params["userID"], pool_id=pool_id_of(call))
