"""The section `signIn`: methods of the first and second factor, how a name is matched, when a second factor is skipped."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ..traits import STRICT, Default, Doc, Duration, Known, Text, Unordered, Weakens

METHODS = ("password", "totp", "otp", "email_otp", "sms_otp", "webauthn")

Method = Annotated[
    str, Field(min_length=1, max_length=64), Known(METHODS)
]  # unknown ones need allowUnknownMethods: see pool.checks


class FirstFactor(TypedDict, total=False):
    """How a user proves who they are."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    methods: Annotated[
        list[Method] | None,
        Doc("Methods a user may sign in with. An empty list admits nobody.", "authentication_mechanisms"),
        Default(["password"]),
        Unordered(),
        Weakens("longer"),
    ]
    preferred: Annotated[
        Method | None,
        Doc("The method shown first. One of `methods`.", "preferred_authentication_mechanism"),
        Default(None),
    ]


class SecondFactor(TypedDict, total=False):
    """What is asked after the first factor."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    methods: Annotated[
        list[Method] | None,
        Doc(
            "Methods of the second factor. A non-empty list means that one is asked.",
            "second_factor_authentication_mechanisms",
        ),
        Default([]),
        Unordered(),
        Weakens("shorter"),
    ]
    preferred: Annotated[
        Method | None,
        Doc("The method shown first. One of `methods`.", "second_factor_preferred_authentication_mechanism"),
        Default(None),
    ]
    skipIfNotEnrolled: Annotated[
        bool | None,
        Doc("A user who has enrolled no second factor may sign in without one.", "allow_skip_2fa"),
        Default(False),
        Weakens("true"),
    ]
    rememberDeviceFor: Annotated[
        Duration | None,
        Doc("How long a device is not asked again; `0s` asks every time.", "mfa_session_ttl"),
        Default("0s"),
        Weakens("higher"),
    ]
    skipFromAssurance: Annotated[
        float | int | None,
        Doc("Risk engine score from which the second factor is skipped; 0 never skips.", "second_factor_threshold"),
        Default(0),
        Weakens("any"),
    ]


class SignIn(TypedDict, total=False):
    """How users sign in."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    firstFactor: Annotated[FirstFactor, Doc("How a user proves who they are.")]
    secondFactor: Annotated[SecondFactor, Doc("What is asked after the first factor.")]
    identifiersIgnoreCase: Annotated[
        bool | None,
        Doc("Upper and lower case of an identifier are the same.", "identifier_case_insensitive"),
        Default(False),
    ]
    totpIssuer: Annotated[
        Text | None, Doc("The name an authenticator app shows beside its codes.", "totp_settings.issuer"), Default("")
    ]
    allowUnknownMethods: Annotated[
        bool | None,
        Doc("Accept method names that this version does not know. Says nothing to the store."),
        Default(False),
    ]
