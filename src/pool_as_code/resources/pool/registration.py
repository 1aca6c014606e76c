"""The sections `registrationModes` and `recovery`: how accounts come about, and how lost credentials are replaced."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from ..traits import STRICT, Default, Doc, Time, Weakens


class RegistrationModes(TypedDict, total=False):
    """How new accounts are made."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    selfRegistration: Annotated[
        bool | None,
        Doc("Anybody may sign up at the sign-in page.", "public_registration_allowed"),
        Default(False),
        Weakens("true"),
    ]
    adminInitiated: Annotated[
        bool | None,
        Doc("Administrators create accounts; the user gets an activation message.", "admin_initiated_registration"),
        Default(True),
    ]


class ForceReset(TypedDict, total=False):
    """Credentials set before a moment must be reset at the next sign-in."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    passwordsSetBefore: Annotated[
        Time | None,
        Doc("Passwords set before must be reset.", "reset_credentials_settings.reset_password_older_than"),
        Default(None),
    ]
    totpSetBefore: Annotated[
        Time | None,
        Doc("Authenticator apps set up before must be reset.", "reset_credentials_settings.reset_totp_older_than"),
        Default(None),
    ]
    passkeysSetBefore: Annotated[
        Time | None,
        Doc("Passkeys added before must be reset.", "reset_credentials_settings.reset_webauthn_older_than"),
        Default(None),
    ]


class Recovery(TypedDict, total=False):
    """How lost or old credentials are replaced."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    selfReset: Annotated[
        bool | None,
        Doc(
            "Users may reset their own credentials. The service's field is its negation.",
            "reset_credentials_settings.do_not_allow_users_to_self_reset_credentials",
        ),
        Default(True),
    ]
    forceReset: Annotated[ForceReset, Doc("Credentials that must be reset because of their age.")]
