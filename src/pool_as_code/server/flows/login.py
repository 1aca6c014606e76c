"""What the forms of the sign-in page do: a first factor, a second one where the pool asks for it, a new password where it must be
changed, and then back to the application.

    name -> password | authenticator | code that was sent -> second factor -> must be changed -> code for the application

Whatever is wrong about a name or a proof gives the same page, and counts for the one who is meant, as elsewhere. Passwords are
never kept between two forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from ...core.errors import NotFound, PoolAsCodeError, Rejected
from ...core.values import as_map
from ...directory import challenges, changing, rows, users
from ...directory import sign_in as passwords
from ...directory.codes import NotAdmitted
from ...directory.directory import Directory
from ...directory.rows import Row
from ...resources.rules import fold
from ..call import Answer, Call
from ..clients import ADMIN, Client
from ..operations import Access, Operation
from ..problems import Problem
from ..sign_ins import Known, Sent, SignIn
from . import login_pages as pages
from .asking import not_too_often
from .authorizing import ended, finished, first_page, sign_in_of
from .login_methods import (
    CODES,
    Place,
    address_for,
    matching,
    may_skip,
    offered,
    places_of,
    resets,
    second_of,
    sends_at_once,
)
from .pages import form_of

Later = Callable[[Directory], None]
FIRST, SECOND, SENT = "identity_authentication", "identity_second_factor", "identity_code_sent"
"""What failures, and messages that anybody can have sent, are counted as."""
_WRONG = "The name or what came with it is wrong."
_WRONG_CODE = "The code is wrong, used or expired."
_MAYBE = "If that is somebody's name here, a message is on its way."
_MUST_RESET = "This password can not be used any more. Ask for a link to set a new one."


def operations() -> Iterator[Operation]:
    """All forms are sent to one path."""
    yield Operation(
        "POST",
        "/{tid}/{aid}/oauth2/sign-in",
        "page.signIn",
        "Sign in",
        send,
        Access.PUBLIC,
        request="form:SignInForm",
        limited=True,
        redirects=True,
    )


def send(call: Call) -> Answer:
    """One form."""
    fields = form_of(call)
    if fields is None or any("\0" in value for value in fields.values()):
        return ended()
    found = sign_in_of(call, fields.get("sign_in", ""))
    client = call.site.clients.find(found.wanted.client_id) if found is not None else None
    if found is None or client is None or found.proof:
        return ended()
    form = _Form(call, found, client, fields)
    try:
        return form.done()
    except Problem as problem:
        text = "Too many attempts. Try again later." if problem.status == 429 else problem.error
        return form.again(text, status=problem.status, headers=problem.headers)


class _Form:
    """One form of one sign-in."""

    def __init__(self, call: Call, sign_in: SignIn, client: Client, fields: dict[str, str]) -> None:
        self.call = call
        self.sign_in = sign_in
        self.client = client
        self.fields = fields
        self.places = places_of(call.directory, sign_in.wanted.server, client)

    def done(self) -> Answer:
        """What the step does. One that does not belong here only shows what is asked for."""
        step, known = self.fields.get("step", ""), self.sign_in.known
        if known is None:
            first = {
                "password": self.with_password,
                "totp": self.with_totp,
                "send": self.with_message,
                "reset": self.reset,
            }
            if step == "code" and self.sign_in.sent is not None:
                return self.with_code(self.sign_in.sent)
            return first[step]() if step in first else self.again("")
        place, row = self._of(known)
        if not self._settled(known, place, row):
            return self.second(known, place, row, step)
        if self.sign_in.must_change:
            return self.change(known, place, row) if step == "change" else self.asking_change()
        return self.complete(known)

    def again(self, text: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
        """What is asked for at this point, with a sentence above it."""
        said = pages.paragraph(text) if text else ""
        known, sent = self.sign_in.known, self.sign_in.sent
        if known is not None:
            place, row = self._of(known)
            return self._page(status, said, self._second_forms(place, row), headers=headers)
        if sent is not None and self.fields.get("step") == "code":
            return self._page(status, said, pages.asking_code(self.sign_in, sent.method), headers=headers)
        name = self.fields.get("name", "")[:320]
        return first_page(self.call, self.sign_in, self.places, said, status=status, name=name, headers=headers)

    # --- first factor

    def with_password(self) -> Answer:
        """A name and a password."""
        name, password = self.fields.get("name", ""), self.fields.get("password", "")
        found = matching(self.call.directory, self.places, "password", name)
        where = self._counted(FIRST, found, name)
        expired = False
        pools = [place.pool_id for place, _ in found] or [
            one.pool_id for one in self.places if "password" in one.first
        ][:1]
        for pool_id in pools:
            result = passwords.verify(self.call.directory, pool_id, password, identifier=name)
            if result.passed:
                self.call.site.attempts.succeeded(*where)
                must_change = result.state == "must_be_changed"
                return self.known(Known(pool_id, result.user_id, ("password",)), must_change=must_change)
            expired = expired or result.result == "password_expired"
        if expired:
            return self.again(_MUST_RESET, status=401)
        self.call.site.attempts.failed(*where)
        return self.again(_WRONG, status=401)

    def with_totp(self) -> Answer:
        """A name and a code of an authenticator app."""
        name, code = self.fields.get("name", ""), self.fields.get("code", "")
        found = matching(self.call.directory, self.places, "totp", name)
        where = self._counted(FIRST, found, name)
        for place, row in found:
            if passwords.verify_totp(self.call.directory, place.pool_id, row.id, code):
                self.call.site.attempts.succeeded(*where)
                return self.known(Known(place.pool_id, row.id, ("totp",)))
        self.call.site.attempts.failed(*where)
        return self.again(_WRONG, status=401)

    def with_message(self) -> Answer:
        """A name that a code is sent to, whether anybody has it or not."""
        name, method = self.fields.get("name", ""), self.fields.get("method", "")
        before = self.sign_in.sent
        if not name and before is not None:
            name = before.name
        if method not in CODES or method not in offered(self.places) or not name:
            return self.again("")
        for one in self.places:
            if method in one.first:
                not_too_often(self.call, one.pool_id, name)
        found = matching(self.call.directory, self.places, method, name)
        place, row = found[0] if found else (None, None)
        sent = (
            Sent(method, place.pool_id, row.id, name)
            if place is not None and row is not None
            else Sent(method, name=name)
        )
        self._message(sent.user_id or f"name/{fold(name.strip(), ignore_case=True)}")
        self.sign_in = self.call.site.sign_ins.keep(replace(self.sign_in, sent=sent))
        later = self._sending(row, method, second=False) if row is not None else None
        answer = self._page(200, pages.paragraph(_MAYBE), pages.asking_code(self.sign_in, method))
        return answer._replace(later=later)

    def with_code(self, sent: Sent) -> Answer:
        """The code that was sent."""
        name = f"name/{fold(sent.name.strip(), ignore_case=True)}"
        where = (FIRST, self.sign_in.wanted.server, sent.user_id or name)
        self.call.site.attempts.check(*where)
        allowed = any(place.pool_id == sent.pool_id and sent.method in place.first for place in self.places)
        if allowed and self._redeemed(sent.pool_id, sent.user_id):
            self.call.site.attempts.succeeded(*where)
            return self.known(Known(sent.pool_id, sent.user_id, (sent.method,)))
        self.call.site.attempts.failed(*where)
        return self.again(_WRONG_CODE, status=401)

    def reset(self) -> Answer:
        """A link for a new password, to a verified address of whoever has this name or address."""
        name = self.fields.get("name", "")
        if not name or not resets(self.places):
            return self.again("")
        for one in resets(self.places):
            not_too_often(self.call, one.pool_id, name)
        self._message(f"reset/{fold(name.strip(), ignore_case=True)}")
        pools, server = [place.pool_id for place in resets(self.places)], self.sign_in.wanted.server

        def later(directory: Directory) -> None:
            for pool_id in pools:
                row = users.find(directory, pool_id, identifier=name) or users.find(directory, pool_id, address=name)
                address = (
                    (address_for(row, "email_otp", second=False) or address_for(row, "sms_otp", second=False))
                    if row
                    else ""
                )
                if row is not None and address:
                    with suppress(NotFound, Rejected):
                        workspace = "" if server == ADMIN else server
                        changing.request_reset(directory, pool_id, address=address, user_id=row.id, workspace=workspace)

        return self.again(_MAYBE)._replace(later=later)

    # --- afterwards

    def known(self, known: Known, *, must_change: bool = False) -> Answer:
        """Somebody has shown who they are. What is still asked for?"""
        state = replace(self.sign_in, known=known, sent=None, must_change=must_change or self.sign_in.must_change)
        self.sign_in = self.call.site.sign_ins.keep(state)
        place, row = self._of(known)
        if not self._settled(known, place, row):
            methods = second_of(self.call.directory, place, row, known.methods[0])
            if methods and methods[0] in CODES and sends_at_once(place):
                return self.second_message(row, methods[0])
            return self._page(200, self._second_forms(place, row))
        if self.sign_in.must_change:
            return self.asking_change()
        return self.complete(known)

    def second(self, known: Known, place: Place, row: Row, step: str) -> Answer:
        """A form of the second factor."""
        methods, sent = second_of(self.call.directory, place, row, known.methods[0]), self.sign_in.sent
        method = self.fields.get("method", "") if step == "send" else step
        if step == "send" and method in CODES and method in methods:
            return self.second_message(row, method)
        where = (SECOND, self.sign_in.wanted.server, row.id)
        if step == "totp" and "totp" in methods:
            self.call.site.attempts.check(*where)
            right = passwords.verify_totp(self.call.directory, place.pool_id, row.id, self.fields.get("code", ""))
        elif step == "password" and "password" in methods:
            self.call.site.attempts.check(*where)
            right, method = self._second_password(place, row), "password"
        elif step == "code" and sent is not None and sent.method in methods:
            self.call.site.attempts.check(*where)
            right, method = self._redeemed(place.pool_id, row.id), sent.method
        else:
            return self._page(200, self._second_forms(place, row))
        if not right:
            self.call.site.attempts.failed(*where)
            return self._page(401, pages.paragraph(_WRONG_CODE), self._second_forms(place, row))
        self.call.site.attempts.succeeded(*where)
        return self.known(replace(known, methods=(*known.methods, method)))

    def second_message(self, row: Row, method: str) -> Answer:
        """Send the code of a second factor, and ask for it."""
        self._message(row.id)
        self.sign_in = self.call.site.sign_ins.keep(replace(self.sign_in, sent=Sent(method, row.pool_id, row.id)))
        answer = self._page(200, pages.paragraph("A code was sent."), pages.asking_code(self.sign_in, method))
        return answer._replace(later=self._sending(row, method, second=True))

    def asking_change(self, text: str = "The password must be changed.", *, status: int = 200) -> Answer:
        """The form for a new password."""
        return self._page(status, pages.paragraph(text), pages.asking_new_password(self.sign_in))

    def change(self, known: Known, place: Place, row: Row) -> Answer:
        """A new password in the place of one that must be changed."""
        where = (FIRST, self.sign_in.wanted.server, row.id)
        self.call.site.attempts.check(*where)
        old, new = self.fields.get("old", ""), self.fields.get("new", "")
        try:
            changing.change_password(self.call.directory, place.pool_id, row.id, old, new)
        except NotAdmitted:
            self.call.site.attempts.failed(*where)
            return self.asking_change("The present password is wrong, or too old to be changed.", status=401)
        except PoolAsCodeError as error:
            return self.asking_change(error.message, status=422)
        return self.complete(known)

    def complete(self, known: Known) -> Answer:
        """Back to the application, for whom the application is."""
        wanted = self.sign_in.wanted
        if wanted.server == ADMIN and f"{known.pool_id}/{known.user_id}" not in self.client.administrators:
            self.call.site.sign_ins.end(self.sign_in)
            return pages.page(403, pages.paragraph("This account is not one of an administrator."))
        return finished(self.call, self.sign_in, known)

    # --- parts

    def _of(self, known: Known) -> tuple[Place, Row]:
        """Pool and user as they are now. Raises Problem 401 when one of them does not sign in here any more."""
        place = next((one for one in self.places if one.pool_id == known.pool_id), None)
        row = rows.find(self.call.directory.db, "user", known.user_id)
        if place is None or row is None or row.pool_id != known.pool_id or row.spec.get("status") != "active":
            self.call.site.sign_ins.end(self.sign_in)
            self.sign_in = replace(self.sign_in, known=None)
            raise Problem(401, _WRONG)
        return place, row

    def _settled(self, known: Known, place: Place, row: Row) -> bool:
        """Whether no second factor is asked for any more."""
        return len(known.methods) > 1 or may_skip(self.call.directory, place, row, known.methods[0])

    def _second_forms(self, place: Place, row: Row) -> str:
        known, sent = self.sign_in.known, self.sign_in.sent
        assert known is not None
        issuer = str(as_map(place.spec.get("signIn")).get("totpIssuer") or "")
        methods = second_of(self.call.directory, place, row, known.methods[0])
        if not methods:
            return pages.paragraph("A second factor is asked for, and this account has none that can be used here.")
        waiting = pages.asking_code(self.sign_in, sent.method) if sent is not None and sent.method in methods else ""
        others = [method for method in methods if not waiting or sent is None or method != sent.method]
        return f"{waiting}{pages.asking_second(self.sign_in, others, issuer=issuer)}"

    def _second_password(self, place: Place, row: Row) -> bool:
        found = passwords.verify(self.call.directory, place.pool_id, self.fields.get("password", ""), user_id=row.id)
        if found.passed and found.state == "must_be_changed":
            self.sign_in = self.call.site.sign_ins.keep(replace(self.sign_in, must_change=True))
        return found.passed

    def _redeemed(self, pool_id: str, user_id: str) -> bool:
        with suppress(NotAdmitted, NotFound):
            code = self.fields.get("code", "")
            return (
                bool(code)
                and challenges.verify(self.call.directory, pool_id, "challenge", code, user_id=user_id) == user_id
            )
        return False

    def _counted(self, kind: str, found: list[tuple[Place, Row]], name: str) -> tuple[str, str, str]:
        """What failures count for, once it is not blocked. Raises Problem 429."""
        subject = "/".join(row.id for _, row in found) or f"name/{fold(name.strip(), ignore_case=True)}"
        where = (kind, self.sign_in.wanted.server, subject)
        self.call.site.attempts.check(*where)
        return where

    def _message(self, subject: str) -> None:
        """Count a message that somebody without a password has sent to another. Raises Problem 429 after too many."""
        where = (SENT, self.sign_in.wanted.server, subject)
        self.call.site.attempts.check(*where)
        self.call.site.attempts.failed(*where)

    def _sending(self, row: Row, method: str, *, second: bool) -> Later | None:
        address, server = address_for(row, method, second=second), self.sign_in.wanted.server
        workspace = "" if server == ADMIN else server

        def later(directory: Directory) -> None:
            with suppress(NotFound, Rejected):
                challenges.request(directory, row.pool_id, address=address, user_id=row.id, workspace=workspace)

        return later if address else None

    def _page(self, status: int, *parts: str, headers: dict[str, str] | None = None) -> Answer:
        return pages.page(status, *parts, sign_in=self.sign_in, headers=headers)
