"""What signed-in people see and change of themselves, and two paths that need no token because a code stands for one.

A token is of the workspace in the path and of one user. What the schemas mark `hidden` is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ...core.errors import NotFound, Rejected
from ...core.values import JsonMap, JsonValue, as_list, as_map
from ...directory import authenticators, changing, codes, pools, profile, rows, users
from ...directory.credentials import state_of
from ...directory.identifiers import typed
from ...resources.rules import fold
from ...resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from ...stores.secureauth.wire import to_wire
from ..api import forms
from ..api.user_forms import WIRE_ROLES, credentials_of, record_id
from ..call import NO_CONTENT, Answer, Call, map_of
from ..operations import Access, Operation
from ..problems import Problem, no_token
from ..stored import Stored, find, matching, require, shown, without_empty
from .asking import counted, meant, subject_of
from .changing import refusing

BASE = "/{tid}/{aid}/identity"
FRESH_SECONDS = 300
_NAMES, _ADDRESSES = frozenset(IDENTIFIER_TYPES), frozenset(ADDRESS_TYPES)
_METHODS = ("authentication_mechanisms", "second_factor_authentication_mechanisms")
_PREFERRED = ("preferred_authentication_mechanism", "second_factor_preferred_authentication_mechanism")


def operations() -> Iterator[Operation]:
    """Both versions of the Self API."""
    for version, scopes in (("", ((), ())), ("/v2", (("view_ss_profile",), ("manage_ss_profile",)))):
        base, (view, manage), name = f"{BASE}{version}/self", scopes, f"self{version[1:]}"
        run = get_v2 if version else get_v1
        yield Operation(
            "GET",
            f"{base}/me",
            f"{name}.getProfile",
            "The user's own record",
            run,
            Access.SELF,
            view,
            200,
            "",
            "Profile",
            (),
            True,
        )
        yield Operation(
            "PUT",
            f"{base}/me",
            f"{name}.updateProfile",
            "The user's own profile anew",
            put,
            Access.SELF,
            manage,
            200,
            "ProfileUpdate",
            "Profile",
            (),
            True,
        )
        yield Operation(
            "POST",
            f"{base}/change-password",
            f"{name}.changePassword",
            "Change one's own password",
            change_password,
            Access.SELF,
            manage,
            204,
            "PasswordChange",
            "",
            (),
            False,
            True,
        )
    base, manage = f"{BASE}/v2/self", ("manage_ss_profile",)
    for method, path, word, summary, work, sent in (
        (
            "POST",
            "/set-password",
            "setPassword",
            "One's first password, right after signing in",
            set_password,
            "PasswordSet",
        ),
        (
            "POST",
            "/set-totp-secret",
            "setTotp",
            "One's first authenticator, right after signing in",
            set_totp,
            "TotpSet",
        ),
        ("POST", "/change-totp-secret", "changeTotp", "Change one's authenticator", change_totp, "TotpChange"),
        (
            "DELETE",
            "/mfa/sessions/{mfaSessionID}",
            "deleteSession",
            "Forget a device (none is remembered)",
            no_session,
            "",
        ),
    ):
        yield Operation(
            method,
            base + path,
            f"selfv2.{word}",
            summary,
            work,
            Access.SELF,
            manage,
            204,
            sent,
            "",
            (),
            False,
            word == "changeTotp",
        )
    yield Operation(
        "GET",
        f"{base}/mfa/sessions",
        "selfv2.listSessions",
        "Remembered devices (none)",
        sessions,
        Access.SELF,
        ("view_ss_profile",),
        200,
        "",
        "Sessions",
    )
    yield Operation(
        "POST",
        f"{BASE}/self/address-verification/complete",
        "self.completeAddressVerification",
        "Verify an address with the long code",
        complete_verification,
        Access.PUBLIC,
        (),
        204,
        "AddressCode",
        "",
        (),
        False,
        True,
    )
    yield Operation(
        "POST",
        f"{BASE}/public/pools/{{ipID}}/reset-password/confirm",
        "self.confirmReset",
        "Reset a password with a code",
        confirm_reset,
        Access.PUBLIC,
        (),
        204,
        "PasswordReset",
        "",
        (),
        False,
        True,
    )


def get_v1(call: Call) -> Answer:
    """The record."""
    pool, user = signed_in(call)
    return shown(user, _profile_json(call, pool, user))


def get_v2(call: Call) -> Answer:
    """The record with credentials, and how the pool lets people sign in."""
    pool, user = signed_in(call)
    body = _profile_json(call, pool, user)
    wire = to_wire("pool", {}, pool.row.spec)
    body.update({key: wire[key] for key in (*_METHODS, *_PREFERRED) if key in wire})
    body.setdefault("authentication_mechanisms", ["password"])
    preferences = to_wire("user", {}, {"preferences": as_map(user.row.spec.get("preferences"))}).get("preferences")
    if preferences:
        body["preferences"] = preferences
    if pool.row.spec.get("signIn"):
        issuer = as_map(pool.row.spec["signIn"]).get("totpIssuer")
        body.update({"totp_issuer": issuer} if issuer else {})
    body["payload_schema"] = schema_of(call, pool, user, "profile")
    about: JsonMap = {"user_pool_id": user.row.pool_id, "user_id": user.id}
    body["credentials"] = [
        without_empty(
            {
                "id": record_id(about, f"credential/{one.type}/{one.id}"),
                "type": one.type,
                "state": state_of(one, pool.row.spec),
                "updated_at": one.updated_at,
                "expires_at": one.expires_at,
            }
        )
        for one in credentials_of(call.directory, user.id)
    ]
    return shown(user, body)


def put(call: Call) -> Answer:
    """Profile and preferences anew; nothing else is the user's to change here. What the schema hides of the profile stays."""
    body = call.body()
    unknown = sorted(set(body) - {"payload", "preferences"})
    if unknown:
        raise Problem(422, f"can not be changed here: {', '.join(unknown)[:200]}")
    payload = map_of(body, "payload")
    with call.directory.change():
        pool, user = signed_in(call)
        spec = user.row.spec
        if payload is not None:
            spec["profile"] = _with_hidden(as_map(spec.get("profile")), payload, schema_of(call, pool, user, "profile"))
        if map_of(body, "preferences") is not None:
            received = forms.read("user", {"preferences": body["preferences"]}).spec
            spec["preferences"] = received.get("preferences", {})
        users.replace_spec(call.directory, user.row, spec)
        after = require(call.directory, "user", user.id)
        return shown(after, _profile_json(call, pool, after))


def change_password(call: Call) -> Answer:
    """Change it with the old one."""
    _, user = signed_in(call)
    body = call.body("old_password", "new_password")
    with refusing(call, "identity_self_change_password", user.id):
        changing.change_password(
            call.directory, user.row.pool_id, user.id, str(body["old_password"]), str(body["new_password"])
        )
    return NO_CONTENT


def set_password(call: Call) -> Answer:
    """The first one, within five minutes of signing in."""
    pool, user = signed_in(call)
    _check_fresh(call)
    text = str(call.body("new_password")["new_password"])
    changing.set_first_password(call.directory, user.row, pool.row.spec, text)
    return NO_CONTENT


def set_totp(call: Call) -> Answer:
    """The first authenticator, within five minutes of signing in."""
    _, user = signed_in(call)
    _check_fresh(call)
    with call.directory.change():
        authenticators.set_first(call.directory, user.row, str(call.body("new_totp_secret")["new_totp_secret"]))
    return NO_CONTENT


def change_totp(call: Call) -> Answer:
    """Another authenticator, with a code of the present one."""
    _, user = signed_in(call)
    body = call.body("totp", "new_totp_secret")
    with refusing(call, "identity_self_change_totp_secret", user.id):
        authenticators.change(
            call.directory, user.row.pool_id, user.id, str(body["totp"]), str(body["new_totp_secret"])
        )
    return NO_CONTENT


def sessions(call: Call) -> Answer:
    """No devices are remembered."""
    signed_in(call)
    return Answer(200, {"sessions": []})


def no_session(call: Call) -> Answer:
    """So there is none to forget."""
    signed_in(call)
    raise NotFound("there is no such session")


def complete_verification(call: Call) -> Answer:
    """The address and its code, long or short, say whose it is; any pool of the workspace may have it."""
    body = call.body("address", "code")
    address, code = str(body["address"]), str(body["code"])
    with counted(call, "identity_address_verification", f"address/{fold(address, ignore_case=True)}"):
        for pool_id in pools.visible_to(call.directory, call.params["aid"]):
            for user_id in codes.waiting_for(call.directory, pool_id, "verifyAddress", address):
                with suppress(codes.NotAdmitted):
                    profile.verify_address(call.directory, pool_id, code, user_id=user_id, address=address)
                    return NO_CONTENT
        raise codes.NotAdmitted("the code is wrong, used or expired")


def confirm_reset(call: Call) -> Answer:
    """The public twin of the reset; 403 where people do not reset their own passwords."""
    row = rows.require(call.directory.db, "pool", call.params["ipID"])
    pools.require_visible(call.directory, row.id, call.params["aid"])
    try:
        changing.check_self_reset(row.spec)
    except Rejected as error:
        raise Problem(403, error.message) from None
    body = call.body("code", "new_password")
    about: JsonMap = {key: value for key, value in body.items() if key == "identifier"}
    with counted(call, "identity_set_credential", subject_of(call, row.id, about)):
        user_id = meant(call, row.id, about)
        changing.complete_reset(call.directory, row.id, str(body["code"]), str(body["new_password"]), user_id=user_id)
    return NO_CONTENT


def signed_in(call: Call) -> tuple[Stored, Stored]:
    """The pool and the user of the token. Raises Problem 401 when either is gone or the user may not sign in any more."""
    caller = call.caller
    pool, user = (
        find(call.directory, "pool", caller.pool_id),
        find(call.directory, "user", caller.user_id, caller.pool_id),
    )
    if pool is None or user is None or user.row.spec.get("status") != "active":
        raise no_token()
    return pool, matching(call, "user", caller.user_id, caller.pool_id)


def _check_fresh(call: Call) -> None:
    if call.site.settings.clock() - call.caller.signed_in > FRESH_SECONDS:
        raise Problem(403, "sign in again first", code="reauthentication_required")


def _profile_json(call: Call, pool: Stored, user: Stored) -> JsonMap:
    spec = user.row.spec
    names = [found for member in as_list(spec.get("identifiers")) if (found := typed(member, _NAMES))]
    body: JsonMap = {"id": user.id}
    body["identifiers"] = [{"identifier": value, "type": word, "created_at": user.created_at} for word, value in names]
    addresses: list[JsonValue] = []
    for member in map(as_map, as_list(spec.get("addresses"))):
        found = typed(member, _ADDRESSES)
        if found is not None:
            word, value = found
            addresses.append(
                {
                    "address": value,
                    "type": word,
                    "status": member.get("status") or "active",
                    "verified": member.get("verified") is True,
                    "created_at": user.created_at,
                    "updated_at": user.updated_at,
                }
            )
    body["verifiable_addresses"] = addresses
    for role, wire in WIRE_ROLES.items():
        if role in spec:
            body[wire] = visible(as_map(spec[role]), schema_of(call, pool, user, role))
    return body


def schema_of(call: Call, pool: Stored, user: Stored, role: str) -> JsonMap:
    """What a role's attributes are like: the user's own schema, else the pool's."""
    id = as_map(user.row.spec.get("schemas")).get(role) or as_map(pool.row.spec.get("schemas")).get(role)
    found = find(call.directory, "schema", str(id)) if id else None
    return as_map(found.row.spec.get("schema")) if found is not None else {}


def _with_hidden(before: JsonMap, sent: JsonMap, schema: JsonMap) -> JsonMap:
    """What people sent of themselves, with what they do not see as it was. Raises Problem 422 where they send that."""
    properties = as_map(schema.get("properties"))
    hidden = {name for name, inner in properties.items() if as_map(inner).get("hidden") is True}
    if hidden & set(sent):
        raise Problem(422, f"can not be changed here: {', '.join(sorted(hidden & set(sent)))}")
    kept: JsonMap = {key: value for key, value in before.items() if key in hidden}
    for key, value in sent.items():
        inner, old = as_map(properties.get(key)), before.get(key)
        kept[key] = _with_hidden(as_map(old), value, inner) if isinstance(value, dict) else value
    return kept


def visible(attributes: JsonMap, schema: JsonMap) -> JsonMap:
    """Attributes without those that their schema hides, at any depth of maps and lists."""
    properties = as_map(schema.get("properties"))
    return {
        key: _visible(value, as_map(properties.get(key)))
        for key, value in attributes.items()
        if as_map(properties.get(key)).get("hidden") is not True
    }


def _visible(value: JsonValue, schema: JsonMap) -> JsonValue:
    if isinstance(value, dict):
        return visible(value, schema)
    if isinstance(value, list):
        return [_visible(one, as_map(schema.get("items"))) for one in value]
    return value
