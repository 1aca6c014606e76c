"""The plain page where people register themselves: the identifier, and what the pool's profile schema lets them say. No script,
no style, nothing from elsewhere. There is no session that another site could use; a form sent from another site is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import urlsplit

from ...core.errors import NotFound, StoreError
from ...core.values import JsonMap, JsonValue, as_list, as_map, as_texts
from ...directory import registration as rules
from ...directory.registration import SignUp
from ..call import Answer, Call
from ..operations import Access, Operation
from ..problems import Problem
from ..stored import Stored, find, require
from .asking import counted, not_too_often, typed_name
from .pages import BASE, form_of, page_of, paragraph

TITLE = "Register"
LONGEST = 1000
_INPUTS = {"integer": "number", "number": "number", "boolean": "checkbox", "string": "text"}
_CLOSED = "Nobody can register here."
_WRONG = "The form is not complete."


def operations() -> Iterator[Operation]:
    """The page is shown and sent."""
    path, query = f"{BASE}/register", ("server_id",)
    yield Operation("GET", path, "page.register", TITLE, show, Access.PUBLIC, query=query)
    name, request = "page.register.send", "form:RegistrationForm"
    yield Operation("POST", path, name, TITLE, send, Access.PUBLIC, request=request, query=query, limited=True)


def show(call: Call) -> Answer:
    """The form, where people may register themselves."""
    try:
        return page_of(TITLE, 200, _form(_open_pool(call), _properties_of(call), {}))
    except (StoreError, Problem) as error:
        return page_of(TITLE, 404 if isinstance(error, NotFound) else 403, paragraph(_CLOSED))


def send(call: Call) -> Answer:
    """Register; what the pool refuses is told, and the form is there again. Whether somebody has the name already is not."""
    try:
        pool, properties = _open_pool(call), _properties_of(call)
        _check_origin(call)
    except (StoreError, Problem) as error:
        return page_of(TITLE, 404 if isinstance(error, NotFound) else 403, paragraph(_CLOSED))
    sent = form_of(call, most=100)
    if sent is None:
        return page_of(TITLE, 400, paragraph(_WRONG))
    identifier = sent.get("identifier", "").strip()
    if not identifier or len(identifier) > LONGEST:
        return page_of(TITLE, 422, paragraph(_WRONG) + _form(pool, properties, sent))
    profile: JsonMap = {}
    for name, about in properties.items():
        value = _value(as_map(about), sent.get(f"profile.{name}", ""))
        if value is not None:
            profile[name] = value
    sign_up = SignUp(typed_name(identifier), profile=profile, workspace=call.query.get("server_id", ""))
    try:
        not_too_often(call, pool.id, identifier)
        with counted(call, "identity_registration", f"register//{call.remote}"):
            rules.register(call.directory, pool.id, sign_up)
    except Problem as problem:
        return page_of(TITLE, problem.status, paragraph(problem.error), problem.headers)
    except StoreError as error:
        return page_of(TITLE, 422, paragraph(error.message) + _form(pool, properties, sent))
    return page_of(TITLE, 200, paragraph("Done. Follow the link that was sent to you."))


def _open_pool(call: Call) -> Stored:
    """The pool of the path. Raises NotFound, and Problem 403 where nobody registers, or not for this workspace."""
    pool = require(call.directory, "pool", call.params["ipID"])
    place = call.query.get("server_id", "")
    is_open = as_map(pool.row.spec.get("registrationModes")).get("selfRegistration") is True
    if not is_open or (place and place not in as_texts(pool.row.spec.get("signInAt"))):
        raise Problem(403, _CLOSED)
    return pool


def _check_origin(call: Call) -> None:
    """Raises Problem 403 for a form that a page of another site sent."""
    origin, own = call.headers.get("origin", ""), urlsplit(call.base_url)
    theirs = urlsplit(origin)
    foreign = origin and (theirs.scheme, theirs.netloc.lower()) != (own.scheme, own.netloc.lower())
    if foreign or call.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Problem(403, _CLOSED)


def _properties_of(call: Call) -> JsonMap:
    """What people may say of themselves: simple attributes of the profile schema that are not hidden; required ones first."""
    pool = require(call.directory, "pool", call.params["ipID"])
    schema_id = as_map(pool.row.spec.get("schemas")).get("profile")
    found = find(call.directory, "schema", str(schema_id)) if schema_id else None
    schema = as_map(found.row.spec.get("schema")) if found else {}
    required = as_texts(schema.get("required"))
    shown: JsonMap = {
        name: {**as_map(about), "required": name in required}
        for name, about in as_map(schema.get("properties")).items()
        if as_map(about).get("hidden") is not True and as_map(about).get("type", "string") in _INPUTS
    }
    return dict(sorted(shown.items(), key=lambda one: one[0] not in required))


def _value(about: JsonMap, text: str) -> JsonValue:
    """A field of the form as the schema wants it; None when it was left empty. What does not fit is judged by the schema."""
    word = about.get("type", "string")
    if word == "boolean":
        return True if text else (False if about.get("required") else None)
    if not text:
        return None
    try:
        return int(text) if word == "integer" else float(text) if word == "number" else text[:LONGEST]
    except ValueError:
        return text[:LONGEST]


def _form(pool: Stored, properties: JsonMap, sent: Mapping[str, str]) -> str:
    name = escape(sent.get("identifier", ""), quote=True)
    field = f'<input name="identifier" required maxlength="254" autocomplete="username" value="{name}">'
    rows = [f"<p><label>E-mail address or telephone number {field}</label></p>"]
    rows += [_row(name, as_map(about), sent.get(f"profile.{name}", "")) for name, about in properties.items()]
    heading = paragraph(str(pool.row.spec.get("displayName") or ""))
    return f'{heading}<form method="post">{"".join(rows)}<p><button>Register</button></p></form>'


def _row(name: str, about: JsonMap, value: str) -> str:
    label = escape(str(about.get("title") or about.get("description") or name))
    key, required = escape(f"profile.{name}", quote=True), " required" if about.get("required") else ""
    choices = [str(one) for one in as_list(about.get("enum"))]
    if choices and about.get("type", "string") == "string":
        options = "".join(
            f'<option value="{escape(one, quote=True)}"{" selected" if one == value else ""}>{escape(one)}</option>'
            for one in ["", *choices]
        )
        return f'<p><label>{label} <select name="{key}"{required}>{options}</select></label></p>'
    word = _INPUTS[str(about.get("type", "string"))]
    if word == "checkbox":
        return f'<p><label><input type="checkbox" name="{key}"{" checked" if value else ""}> {label}</label></p>'
    step = ' step="any"' if about.get("type") == "number" else ""
    shown = escape(value[:LONGEST], quote=True)
    return f'<p><label>{label} <input type="{word}" name="{key}"{step}{required} value="{shown}"></label></p>'
