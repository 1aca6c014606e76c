"""The authorization endpoint (RFC 6749, 7636, 9207; OpenID Connect Core): an application sends somebody's browser here, and gets
it back with a code. An application that is not registered, or another address than its own, is never sent anything.

No session outlives a sign-in: who is sent here signs in, and `prompt=none` is answered with `login_required`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from ...directory import rows
from ..call import Answer, Call
from ..client_authentication import server_of
from ..clients import CODE_GRANT, LOGINS, SYSTEM, Client
from ..operations import Access, Operation
from ..redirect_uris import with_answer
from ..sign_ins import SECONDS, Grant, Known, SignIn, Wanted, digest
from . import login_pages as pages
from .login_methods import Place, offered, places_of, registering, resets
from .pages import sent_to

LONGEST = 2048
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_QUERY = (
    *(
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    ),
    *("prompt", "login_hint", "response_mode"),
)


class Refused(Exception):
    """When the application is told that its request can not be done (RFC 6749, section 4.1.2.1)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


def operations() -> Iterator[Operation]:
    """The endpoint, and where a custom sign-in page sends people back to."""
    base = "/{tid}/{aid}/oauth2"
    for path, name, summary, run, query in (
        ("authorize", "page.authorize", "Begin to sign in for an application", authorize, _QUERY),
        ("continue", "page.continue", "Go on after a custom sign-in page", go_on, ("login_id", "login_proof")),
    ):
        yield Operation(
            "GET", f"{base}/{path}", name, summary, run, Access.PUBLIC, query=query, limited=True, redirects=True
        )


def authorize(call: Call) -> Answer:
    """The sign-in page, or back to the application with an error."""
    server = server_of(call)
    client = call.site.clients.find(call.query.get("client_id", ""))
    uri = call.query.get("redirect_uri", "")
    if server == SYSTEM or client is None or CODE_GRANT not in client.grants or not client.opens(server):
        return pages.page(400, pages.paragraph("The application that sent you here is not registered."))
    if uri not in client.redirect_uris:
        return pages.page(
            400, pages.paragraph("The application that sent you here named an address that is not its own.")
        )
    issuer, state = call.site.issuer(call.base_url, server), call.query.get("state", "")
    try:
        wanted = _wanted(call.query, client, server, issuer)
    except Refused as refused:
        return _sent_back(uri, _error(refused.error, refused.description, state[:LONGEST], issuer))
    sign_in, secret = call.site.sign_ins.begin(wanted, call.query.get("login_hint", "")[:320])
    cookie = {"set-cookie": _cookie(call, sign_in, secret, int(SECONDS))}
    if client.login_page:
        proof = secrets.token_urlsafe(32)
        call.site.sign_ins.keep(replace(sign_in, proof=digest(proof)))
        return _sent_back(client.login_page, _for_page(call, sign_in, proof), cookie)
    return first_page(call, sign_in, places_of(call.directory, server, client), headers=cookie)


def go_on(call: Call) -> Answer:
    """From a custom sign-in page back to the application, in the browser that came from there."""
    sign_in = sign_in_of(call, call.query.get("login_id", ""))
    proof = call.query.get("login_proof", "")
    if sign_in is None or not sign_in.proof or digest(proof) != sign_in.proof or not (sign_in.known or sign_in.refused):
        return ended()
    if sign_in.known is None:
        call.site.sign_ins.end(sign_in)
        wanted = sign_in.wanted
        answer = _error("access_denied", sign_in.refused, wanted.state, wanted.issuer)
        return _sent_back(wanted.redirect_uri, answer, {"set-cookie": _cookie(call, sign_in, "", 0)})
    return finished(call, sign_in, sign_in.known)


def first_page(
    call: Call,
    sign_in: SignIn,
    places: list[Place],
    *parts: str,
    status: int = 200,
    name: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    """The page that asks for a name, and what may be done beside signing in."""
    reset = bool(resets(places))
    forms = pages.asking_name(sign_in, offered(places), name=name, may_reset=reset)
    links = pages.links(_links(call, places))
    return pages.page(status, *parts, forms, links, sign_in=sign_in, headers=headers)


def sign_in_of(call: Call, id: str) -> SignIn | None:
    """The sign-in of this id, if it is one of this server that began in this browser."""
    sign_in = call.site.sign_ins.find(id)
    if sign_in is None or sign_in.wanted.server != call.params["aid"]:
        return None
    return sign_in if sign_in.is_of(_cookies(call.headers.get("cookie", "")).get(sign_in.cookie, "")) else None


def ended() -> Answer:
    """For a sign-in that is over, or one of another browser."""
    text = "This sign-in has ended, or began in another browser. Go back to the application and begin again."
    return pages.page(400, pages.paragraph(text))


def finished(call: Call, sign_in: SignIn, known: Known) -> Answer:
    """Back to the application with a code. Once for each sign-in."""
    if not call.site.sign_ins.end(sign_in):
        return ended()
    wanted = sign_in.wanted
    code = call.site.sign_ins.code(Grant(wanted, replace(known, at=int(call.site.settings.clock()))))
    answer = {"code": code, **({"state": wanted.state} if wanted.state else {}), "iss": wanted.issuer}
    return _sent_back(wanted.redirect_uri, answer, {"set-cookie": _cookie(call, sign_in, "", 0)})


def _wanted(query: Mapping[str, str], client: Client, server: str, issuer: str) -> Wanted:
    """What is asked for, checked. Raises Refused."""
    state, nonce = query.get("state", ""), query.get("nonce", "")
    if len(state) > LONGEST or len(nonce) > LONGEST:
        raise Refused("invalid_request", "state or nonce is too long")
    if "request" in query or "request_uri" in query:
        word = "request" if "request" in query else "request_uri"
        raise Refused(f"{word}_not_supported", "the parameters stand in the query")
    if query.get("response_type") != "code":
        raise Refused("unsupported_response_type", "response_type is code")
    if query.get("response_mode", "query") != "query":
        raise Refused("invalid_request", "response_mode is query")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.match(query.get("code_challenge", "")):
        raise Refused("invalid_request", "code_challenge of the method S256 is required")
    prompts = query.get("prompt", "").split()
    if not set(prompts) <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise Refused("invalid_request", "prompt is none, login, consent or select_account")
    asked = query.get("scope", "").split()
    scopes = client.granted_to_user(server, asked)
    if asked and not scopes:
        raise Refused("invalid_scope", "none of the scopes may be had")
    if "none" in prompts:
        raise Refused("login_required", "nobody stays signed in here")
    return Wanted(client.id, server, query["redirect_uri"], scopes, query["code_challenge"], issuer, state, nonce)


def _error(error: str, description: str, state: str, issuer: str) -> dict[str, str]:
    about = {"error_description": description} if description else {}
    return {"error": error, **about, **({"state": state} if state else {}), "iss": issuer}


def _sent_back(uri: str, answer: Mapping[str, str], headers: dict[str, str] | None = None) -> Answer:
    return sent_to(with_answer(uri, answer), headers or {})


def _for_page(call: Call, sign_in: SignIn, proof: str) -> dict[str, str]:
    """What a sign-in page of one's own is told. The vendor's page shows its form only where all of it is there."""
    wanted = sign_in.wanted
    asks = (client.id for client in call.site.clients.all if client.opens(SYSTEM) and client.granted(SYSTEM, [LOGINS]))
    return {
        "client_id": wanted.client_id,
        "idp_client_id": next(asks, wanted.client_id),
        "login_id": sign_in.id,
        "login_state": proof,
        "server_id": wanted.server,
        "tenant_id": call.site.tenant,
        "tenant_url": f"{call.base_url}/{quote(call.site.tenant, safe='')}",
    }


def _cookie(call: Call, sign_in: SignIn, secret: str, seconds: int) -> str:
    secure = "; Secure" if call.base_url.startswith("https:") else ""
    path = f"{urlsplit(call.site.issuer(call.base_url, sign_in.wanted.server)).path}/oauth2/"
    return f"{sign_in.cookie}={secret}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def _cookies(header: str) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return {name: value for name, _, value in pairs}


def _links(call: Call, places: list[Place]) -> list[tuple[str, str]]:
    """Where an account comes from, in pools that anybody may sign up for."""
    found: list[tuple[str, str]] = []
    for pool_id in registering(places):
        row = rows.find(call.directory.db, "pool", pool_id)
        name = str(row.metadata.get("name") or pool_id) if row is not None else pool_id
        shown = f" ({name})" if len(registering(places)) > 1 else ""
        place = quote(call.params["aid"], safe="")
        found.append(
            (
                f"Make an account{shown}",
                f"{call.base_url}/{quote(call.site.tenant, safe='')}/identity/{quote(pool_id, safe='')}/register?server_id={place}",
            )
        )
    return found


__all__ = ["authorize", "ended", "finished", "first_page", "operations", "sign_in_of"]
