"""Where an application sends a browser to sign out (OpenID Connect RP-Initiated Logout 1.0). No session stays here, so there is none to
end: the access token that came with the ID token is taken back, and the browser is led back to an address of the application."""

from __future__ import annotations

from collections.abc import Iterator

from ..call import Answer, Call
from ..client_authentication import server_of
from ..clients import Client
from ..operations import Access, Operation
from ..redirect_uris import origin_of, with_answer
from .pages import form_of, page_of, paragraph, sent_to

TITLE = "Sign out"
_QUERY = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
_STRANGE = "The application that sent you here named an address that is not its own."


def operations() -> Iterator[Operation]:
    """By an address, or by a form."""
    path, summary = "/{tid}/{aid}/oauth2/logout", "Sign out, and go back to the application"
    yield Operation(
        "GET", path, "page.logout", summary, log_out, Access.PUBLIC, query=_QUERY, limited=True, redirects=True
    )
    yield Operation(
        "POST",
        path,
        "page.logout.send",
        summary,
        log_out,
        Access.PUBLIC,
        request="form:LogoutForm",
        limited=True,
        redirects=True,
    )


def log_out(call: Call) -> Answer:
    """Nobody is sent to an address that is not registered. A hint that is none of ours counts for nothing."""
    server, given = server_of(call), (form_of(call) or {}) if call.method == "POST" else call.query
    issuer = call.site.issuer(call.base_url, server)
    about = call.site.tokens.hinted(issuer, given.get("id_token_hint", ""))
    client_id = given.get("client_id", "")
    if about is not None:
        if client_id not in ("", about.get("aud")):
            return page_of(TITLE, 400, paragraph("The application that sent you here is another one than it says."))
        client_id = str(about.get("aud"))
        call.site.tokens.revoke(str(about.get("sid") or ""))
    target, client = given.get("post_logout_redirect_uri", ""), call.site.clients.find(client_id)
    if not target:
        return page_of(TITLE, 200, paragraph("You are signed out. You can close this page."))
    if client is None or not client.opens(server) or not _is_own(client, target):
        return page_of(TITLE, 400, paragraph(_STRANGE))
    state = {"state": given["state"]} if given.get("state") else {}
    location = with_answer(target, state) if state else target
    return sent_to(location)


def _is_own(client: Client, target: str) -> bool:
    """A registered address, letter by letter, or where it runs."""
    return target in client.redirect_uris or target.removesuffix("/") in map(origin_of, client.redirect_uris)
