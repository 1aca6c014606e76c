"""How accounts come to life: people register, administrators invite, a code activates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...core.secrets import Secret
from ...core.values import JsonMap, digest_bytes
from ...directory import challenges, messages, rows
from ...directory import registration as rules
from ...directory.directory import Directory
from ...directory.registration import SignUp
from ..api.bases import admin, system
from ..api.user_forms import item_json
from ..call import NO_CONTENT, Answer, Call, map_of, text_of
from ..operations import Operation
from ..problems import Problem
from ..stored import require, shown
from .asking import counted, not_too_often, pool_id_of, quietly, subject_of, typed_name, via_of

_SENDING = ("code_type_in_message", "server_id", "post_activation_url", "mode")


def operations() -> Iterator[Operation]:
    """Registration and activation."""
    pool = "/pools/{ipID}"
    user = f"{pool}/users/{{userID}}"
    asked = ("send_activation_message", "code_type_in_message", "server_id")
    yield system(
        "POST",
        f"{pool}/user/register",
        "selfRegisterUser",
        "A person registers",
        register,
        201,
        "SignUp",
        "UserId",
        asked,
        False,
        True,
    )
    yield system(
        "POST",
        f"{pool}/user/activate",
        "activateByCode",
        "Activate with the long code",
        activate,
        201,
        "Activation",
        "User",
        (),
        True,
        True,
    )
    yield system(
        "POST",
        f"{user}/activate",
        "activateUser",
        "Activate a user with its code",
        activate,
        201,
        "Activation",
        "User",
        (),
        True,
        True,
    )
    send = f"{user}/activation/send"
    yield system(
        "POST",
        send,
        "sendActivation",
        "Send the activation message; tells nothing",
        send_quietly,
        204,
        "optional:AddressOrIdentifier",
        "",
        _SENDING,
    )
    yield admin(
        "POST",
        send,
        "sendActivation",
        "Send the activation message",
        send_message,
        204,
        "optional:AddressOrIdentifier",
        "",
        _SENDING,
    )
    yield system(
        "POST",
        f"{user}/activation/generate",
        "generateActivation",
        "Make an activation code (deprecated)",
        generate,
        201,
        "optional:AddressOrIdentifier",
        "CodeId",
        scopes=("identity_self_registration",),
    )


def register(call: Call) -> Answer:
    """A new user, or the one who has the identifier already: the answer is the same."""
    pool_id, body = pool_id_of(call), call.body("identifier")
    address, secret, totp = text_of(body, "otp_address"), text_of(body, "password"), text_of(body, "totp_secret")
    if body.get("webauthn_credentials"):
        raise Problem(501, "passkeys are not served yet")
    sign_up = SignUp(
        typed_name(str(body["identifier"])),
        typed_name(address) if address else None,
        map_of(body, "payload"),
        Secret(secret) if secret else None,
        via_of(call),
        text_of(dict(call.query), "server_id"),
        Secret(totp) if totp else None,
        call.switch("send_activation_message", True),
    )
    not_too_often(call, pool_id, address or str(body["identifier"]))
    subject = f"register/{call.caller.client_id}/{call.remote}"
    with counted(call, "identity_registration", subject):
        return Answer(201, {"id": rules.register(call.directory, pool_id, sign_up)})


def activate(call: Call) -> Answer:
    """A `new` user becomes `active` with its code."""
    pool_id, body = pool_id_of(call), call.body("code")
    if body.get("webauthn"):
        raise Problem(501, "passkeys are not served yet")
    user_id = call.params.get("userID", "")
    secret, totp = text_of(body, "password"), text_of(body, "totp_secret")
    subject = user_id or subject_of(call, pool_id, {"code": body["code"]})
    with counted(call, "identity_self_activation", subject):
        row = rules.activate(
            call.directory,
            pool_id,
            str(body["code"]),
            user_id=user_id,
            password=Secret(secret) if secret else None,
            totp=Secret(totp) if totp else None,
        )
    found = require(call.directory, "user", row.id, pool_id)
    return shown(found, item_json(call, require(call.directory, "pool", pool_id), found), 201)


def send_quietly(call: Call) -> Answer:
    """The program's way: always the same answer."""
    pool_id, body = pool_id_of(call), call.optional_body()
    sending = _sending(call, pool_id, body)
    not_too_often(call, pool_id, call.params["userID"])
    return quietly(sending)


def send_message(call: Call) -> Answer:
    """The administrator's way: says why nothing is sent."""
    _sending(call, pool_id_of(call), call.optional_body())(call.directory)
    return NO_CONTENT


def generate(call: Call) -> Answer:
    """A code that nobody gets to see: only that it was made."""
    body = call.optional_body()
    row = rows.require(call.directory.db, "user", call.params["userID"], pool_id=pool_id_of(call))
    code = challenges.generate(call.directory, row, "activation", address=_address(body))
    return Answer(201, {"code_id": digest_bytes(code.long.encode())})


def _sending(call: Call, pool_id: str, body: JsonMap) -> Callable[[Directory], None]:
    """What sends the message. Raises Problem and Rejected for what no program should ask."""
    call.choice("mode", "registration", "invitation")
    user_id, address, via, query = call.params["userID"], _address(body), via_of(call), dict(call.query)
    return_to = query.get("post_activation_url", "")
    messages.check_return(return_to)

    def send(directory: Directory) -> None:
        rules.invite(
            directory,
            pool_id,
            user_id,
            address=address,
            via=via,
            workspace=query.get("server_id", ""),
            return_to=return_to,
        )

    return send


def _address(body: JsonMap) -> str:
    """The old name of the field counts before the new one."""
    return text_of(body, "identifier") or text_of(body, "address")
