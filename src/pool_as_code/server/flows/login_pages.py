"""What the sign-in page looks like. Plain as the other pages: no script, no style, nothing from elsewhere; every text is escaped,
and the browser is told where a form may lead."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ..call import Answer
from ..sign_ins import SignIn
from .login_methods import CODES
from .pages import page_of, paragraph

TITLE = "Sign in"
_SENDING = {"email_otp": "Send a code by e-mail", "sms_otp": "Send a code to the telephone", "otp": "Send a code"}


def page(status: int, *parts: str, sign_in: SignIn | None = None, headers: dict[str, str] | None = None) -> Answer:
    """A page, whose forms lead to the application in the end."""
    target = sign_in.wanted.redirect_uri if sign_in is not None else ""
    return page_of(TITLE, status, "".join(parts), headers or {}, target)


def links(addresses: Iterable[tuple[str, str]]) -> str:
    """Links of our own, by text and address."""
    return "".join(f'<p><a href="{escape(address, quote=True)}">{escape(text)}</a></p>' for text, address in addresses)


def asking_name(sign_in: SignIn, methods: Iterable[str], *, name: str = "", may_reset: bool = False) -> str:
    """The forms of the first factor, one for each method, and the one that sends a link for a new password."""
    forms: list[str] = []
    for method in methods:
        label = _name(name or sign_in.hint)
        if method == "password":
            forms.append(
                _form(sign_in, "password", label + _password("password", "Password", "current-password"), "Sign in")
            )
        elif method == "totp":
            forms.append(_form(sign_in, "totp", label + _code("Code of your authenticator app"), "Sign in"))
        elif method in CODES:
            forms.append(_form(sign_in, "send", label, _SENDING[method], method=method))
        else:
            forms.append(paragraph("Signing in with a passkey is not available here yet."))
    if may_reset:
        forms.append(_form(sign_in, "reset", _name(name or sign_in.hint), "Send a link for a new password"))
    return "<hr>".join(forms) or paragraph("Nobody can sign in here.")


def asking_code(sign_in: SignIn, method: str, *, issuer: str = "") -> str:
    """The form for a code that was sent, or of an authenticator app."""
    if method in CODES:
        again = _form(sign_in, "send", "", "Send another code", method=method)
        return _form(sign_in, "code", _code("Code"), "Continue") + again
    label = f"Code of your authenticator app ({issuer})" if issuer else "Code of your authenticator app"
    return _form(sign_in, "totp", _code(label), "Continue")


def asking_second(sign_in: SignIn, methods: Iterable[str], *, issuer: str = "") -> str:
    """The forms of the second factor, one for each method that somebody has."""
    forms: list[str] = []
    for method in methods:
        if method in CODES:
            forms.append(_form(sign_in, "send", "", _SENDING[method], method=method))
        elif method == "totp":
            forms.append(asking_code(sign_in, "totp", issuer=issuer))
        elif method == "password":
            field = _password("password", "Password", "current-password")
            forms.append(_form(sign_in, "password", field, "Continue"))
        else:
            forms.append(paragraph("A passkey as the second factor is not available here yet."))
    return "<hr>".join(forms)


def asking_new_password(sign_in: SignIn) -> str:
    """The form for somebody whose password must be changed."""
    fields = _password("old", "Present password", "current-password") + _password("new", "New password", "new-password")
    return _form(sign_in, "change", fields, "Change the password")


def _form(sign_in: SignIn, step: str, fields: str, button: str, method: str = "") -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value, quote=True)}">'
        for name, value in (("sign_in", sign_in.id), ("step", step), ("method", method))
        if value
    )
    return f'<form method="post" action="sign-in">{hidden}{fields}<p><button>{escape(button)}</button></p></form>'


def _name(value: str) -> str:
    given = f' value="{escape(value, quote=True)}"' if value else ""
    return f'<p><label>Name <input name="name" autocomplete="username"{given}></label></p>'


def _password(name: str, label: str, autocomplete: str) -> str:
    return f'<p><label>{label} <input type="password" name="{name}" autocomplete="{autocomplete}"></label></p>'


def _code(label: str) -> str:
    field = '<input name="code" inputmode="numeric" autocomplete="one-time-code">'
    return f"<p><label>{escape(label)} {field}</label></p>"


__all__ = [
    "asking_code",
    "asking_name",
    "asking_new_password",
    "asking_second",
    "links",
    "page",
    "paragraph",
]
