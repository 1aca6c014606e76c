"""Passkeys come later: their paths are there and say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from ..api.bases import system
from ..call import Call
from ..operations import Access, Operation
from ..problems import Problem

SELF = "/{tid}/{aid}/identity/v2/self"


def operations() -> Iterator[Operation]:
    """Every passkey path of the System and Self APIs."""
    pool, user = "/pools/{ipID}/user/webauthn/add", "/pools/{ipID}/users/{userID}/webauthn"
    for method, path, name, success in (
        ("POST", f"{pool}/request", "requestAddWebAuthn", 204),
        ("POST", f"{pool}/complete", "completeAddWebAuthn", 204),
        ("POST", f"{user}/create/begin", "beginWebAuthn", 200),
        ("POST", f"{user}/create/complete", "completeWebAuthn", 200),
        ("DELETE", f"{user}/{{webAuthnCredentialID}}", "deleteWebAuthn", 204),
        ("PUT", f"{user}/{{webAuthnCredentialID}}/name", "nameWebAuthn", 204),
    ):
        yield system(method, path, name, "Passkeys: not served yet", not_yet, success)
    for method, path, name, success in (
        ("POST", "/set-webauthn", "setWebAuthn", 204),
        ("POST", "/webauthn/create/begin", "beginWebAuthn", 200),
        ("POST", "/webauthn/create/complete", "completeWebAuthn", 200),
        ("DELETE", "/webauthn/{webAuthnCredentialID}", "deleteWebAuthn", 204),
        ("PUT", "/webauthn/{webAuthnCredentialID}/name", "nameWebAuthn", 204),
    ):
        yield Operation(
            method,
            SELF + path,
            f"self.{name}",
            "Passkeys: not served yet",
            not_yet,
            Access.SELF,
            ("manage_ss_profile",),
            success,
        )


def not_yet(call: Call) -> NoReturn:
    """501."""
    raise Problem(501, "passkeys are not served yet")
