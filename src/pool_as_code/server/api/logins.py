"""Sign-ins that a program's own page asks for: it says who it was, or that nobody signs in. The browser then comes back to
`oauth2/continue` with a proof that only the answer holds, and with the cookie it began with."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import replace

from ...core.values import JsonMap, as_map
from ...directory import rows
from ..call import Answer, Call, text_of
from ..clients import ADMIN, LOGINS
from ..flows.login_methods import places_of
from ..operations import Access, Operation
from ..problems import Problem
from ..redirect_uris import with_answer
from ..sign_ins import Known, SignIn, digest

BASE = "/api/system/{tid}/logins/{login_id}"


def operations() -> Iterator[Operation]:
    """All for tokens of the server `system`."""
    for method, path, name, summary, run, request, response in (
        ("GET", BASE, "system.getLogin", "A sign-in that waits for its own page", get, "", "Login"),
        ("POST", f"{BASE}/accept", "system.acceptLogin", "Say who signed in", accept, "LoginAccepted", "LoginGoesOn"),
        (
            "POST",
            f"{BASE}/reject",
            "system.rejectLogin",
            "Say that nobody signs in",
            reject,
            "LoginRejected",
            "LoginGoesOn",
        ),
    ):
        yield Operation(
            method,
            path,
            name,
            summary,
            run,
            Access.SYSTEM,
            (LOGINS,),
            request=request,
            response=response,
            query=("login_state",) if method == "GET" else (),
            limited=True,
        )


def get(call: Call) -> Answer:
    """What the application asked for. The state is wanted here as well: an id alone tells nothing."""
    sign_in = _waiting(call, call.query.get("login_state", ""))
    wanted = sign_in.wanted
    scopes = sorted(wanted.scopes)
    about: JsonMap = {"login_id": sign_in.id, "client_id": wanted.client_id, "server_id": wanted.server}
    return Answer(200, {**about, "requested_scopes": [*scopes], "login_hint": sign_in.hint})


def accept(call: Call) -> Answer:
    """Somebody signed in: a user, by id, of a pool whose users sign in there, and active."""
    body = call.body("login_state")
    sign_in = _waiting(call, str(body["login_state"]))
    user_id = text_of(as_map(as_map(body.get("authentication_context")).get("user")), "id")
    if not user_id:
        raise Problem(422, "authentication_context.user.id is required", hint="the id of a user of the directory")
    client = call.site.clients.find(sign_in.wanted.client_id)
    places = places_of(call.directory, sign_in.wanted.server, client) if client is not None else []
    row = rows.find(call.directory.db, "user", user_id)
    here = row is not None and any(place.pool_id == row.pool_id for place in places)
    if row is None or client is None or not here or row.spec.get("status") != "active":
        raise Problem(422, "the user does not sign in there", hint="an active user of a pool of that workspace")
    if sign_in.wanted.server == ADMIN and f"{row.pool_id}/{row.id}" not in client.administrators:
        raise Problem(422, "the user is no administrator")
    return _going_on(call, replace(sign_in, known=Known(row.pool_id, row.id)))


def reject(call: Call) -> Answer:
    """Nobody signed in; the application hears `access_denied`."""
    body = call.body("login_state")
    sign_in = _waiting(call, str(body["login_state"]))
    return _going_on(
        call, replace(sign_in, refused=text_of(body, "error_description")[:200] or "the sign-in was refused")
    )


def _waiting(call: Call, state: str) -> SignIn:
    """The sign-in with this id and state. Raises Problem 404: nobody learns which of them is wrong."""
    sign_in = call.site.sign_ins.find(call.params["login_id"])
    waits = sign_in is not None and sign_in.proof and sign_in.known is None and not sign_in.refused
    if sign_in is None or not waits or not hmac.compare_digest(digest(state), sign_in.proof):
        raise Problem(404, "no such sign-in waits")
    return sign_in


def _going_on(call: Call, sign_in: SignIn) -> Answer:
    proof = secrets.token_urlsafe(32)
    call.site.sign_ins.keep(replace(sign_in, proof=digest(proof)))
    url = f"{call.site.issuer(call.base_url, sign_in.wanted.server)}/oauth2/continue"
    return Answer(200, {"redirect_to": with_answer(url, {"login_id": sign_in.id, "login_proof": proof})})
