"""Two plain pages that the links of messages lead to: activate an account, set a new password. No script, no style, nothing from
elsewhere; what stands in the address is escaped and nothing of it is followed. Where people go after an activation stands with
the message that was sent, never in its link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import parse_qs

from ...core.errors import StoreError
from ...core.secrets import Secret
from ...directory import changing, codes, credentials, messages, registration
from ...directory.codes import NotAdmitted
from ..call import Answer, Call
from ..operations import Access, Operation
from ..problems import Problem
from ..redirect_uris import origin_of
from .asking import counted, pool_id_of, subject_of

BASE = "/{tid}/identity/{ipID}"
TITLES = {"activate": "Activate your account", "reset-password": "Set a new password"}
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_WRONG = "The link is wrong, used or expired. Ask for a new one."


def operations() -> Iterator[Operation]:
    """Each page is shown and sent."""
    for page, title in TITLES.items():
        name = page.replace("-", "_")
        path = f"{BASE}/{page}"
        yield Operation("GET", path, f"page.{name}", title, show, Access.PUBLIC, query=("code",))
        leads = page == "activate"
        sent = f"page.{name}.send"
        yield Operation(
            "POST", path, sent, title, send, Access.PUBLIC, request="form:PageForm", limited=True, redirects=leads
        )


def show(call: Call) -> Answer:
    """The form, where the link is still good. Looking does not use it up."""
    code = call.query.get("code", "")
    try:
        form, target = _form(call, code)
        return _page(call, 200, form, target)
    except (StoreError, Problem):
        return _page(call, 401, paragraph(_WRONG))


def send(call: Call) -> Answer:
    """Does it; a password that the pool refuses is told, and the form is there again."""
    fields = form_of(call)
    if fields is None:
        return _page(call, 400, paragraph(_WRONG))
    code, password = fields.get("code", ""), fields.get("password", "")
    try:
        target = _done(call, code, password)
    except NotAdmitted:
        return _page(call, 401, paragraph(_WRONG))
    except Problem as problem:
        return _page(call, problem.status, paragraph(_WRONG if problem.status == 401 else problem.error))
    except StoreError as error:
        form, target = _again(call, code)
        return _page(call, 422, paragraph(error.message) + form, target)
    if target:
        return sent_to(target)
    return _page(call, 200, paragraph("Done. You can close this page and sign in."))


def _done(call: Call, code: str, password: str) -> str:
    """Does it, and gives the address to go on to, if there is one."""
    pool_id = pool_id_of(call)
    with counted(call, "identity_self_activation", subject_of(call, pool_id, {"code": code})):
        if _page_named(call) == "activate":
            secret = Secret(password) if password else None
            row = registration.activate(call.directory, pool_id, code, password=secret)
            return messages.return_of(call.directory, row.id)
        changing.complete_reset(call.directory, pool_id, code, password)
        return ""


def _form(call: Call, code: str) -> tuple[str, str]:
    """The form, and the address that it leads to in the end."""
    pool_id = pool_id_of(call)
    found = codes.inspect(call.directory, pool_id, code)
    wanted = "activation" if _page_named(call) == "activate" else "resetPassword"
    if found.purpose != wanted:
        raise NotAdmitted("the code is for something else")
    has = credentials.find(call.directory.db, found.user_id, "password") is not None
    asks = not (has and wanted == "activation")
    field = '<p><label>Password <input type="password" name="password" autocomplete="new-password"></label></p>'
    hidden = f'<input type="hidden" name="code" value="{escape(code, quote=True)}">'
    form = f'<form method="post">{hidden}{field if asks else ""}<p><button>Continue</button></p></form>'
    return form, messages.return_of(call.directory, found.user_id) if wanted == "activation" else ""


def _again(call: Call, code: str) -> tuple[str, str]:
    try:
        return _form(call, code)
    except StoreError:
        return "", ""


def _page_named(call: Call) -> str:
    return call.path.rstrip("/").rpartition("/")[2]


def form_of(call: Call, most: int = 10) -> dict[str, str] | None:
    """The fields of a form, each once; None for what is none, or has more fields than `most`."""
    try:
        fields = parse_qs(call.content.decode("utf-8"), max_num_fields=most)
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()}


def sent_to(address: str, headers: Mapping[str, str] = {}) -> Answer:
    """The browser goes on elsewhere, and neither keeps this nor tells where it came from."""
    return Answer(
        303, None, {"location": address, "cache-control": "no-store", "referrer-policy": "no-referrer", **headers}
    )


def paragraph(text: str) -> str:
    """A text of a page."""
    return f"<p>{escape(text)}</p>"


def page_of(title: str, status: int, body: str, headers: Mapping[str, str] = {}, target: str = "") -> Answer:
    """A whole page. `body` is HTML, its texts escaped. Browsers hold the redirect that answers a form against `form-action`: the
    origin of `target`, where the form leads in the end, stands there, too."""
    action = f"'self' {origin_of(target)}" if target else "'self'"
    policy = f"default-src 'none'; form-action {action}; frame-ancestors 'none'; base-uri 'none'"
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    content = f"{head}<body><h1>{escape(title)}</h1>{body}</body></html>"
    return Answer(status, content, {**headers, **_HEADERS, "content-security-policy": policy})


def _page(call: Call, status: int, body: str, target: str = "") -> Answer:
    return page_of(TITLES.get(_page_named(call), "Your account"), status, body, target=target)
