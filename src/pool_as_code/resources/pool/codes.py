"""The section `codes`: one-time codes, their length and how long they are good."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from ..traits import STRICT, Default, Doc, Duration, ServerChosen, Weakens

PURPOSES = (
    "activation",
    "authentication",
    "challenge",
    "enrollWebauthn",
    "resetPassword",
    "resetTotp",
    "verifyAddress",
)


class Code(TypedDict, total=False):
    """One purpose's codes."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    length: Annotated[
        Annotated[int, Field(ge=4, le=32)],
        Doc("How many characters.", "length"),
        ServerChosen("6 in the embedded directory"),
        Weakens("lower"),
    ]
    ttl: Annotated[
        Duration,
        Doc("How long a code is good.", "ttl"),
        ServerChosen("10m in the embedded directory, 24h for activation"),
        Weakens("higher"),
    ]


class Codes(TypedDict, total=False):
    """One-time codes by purpose."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    confirmBeforeSend: Annotated[
        bool | None,
        Doc("The user confirms before a code is sent.", "otp_settings.require_user_confirmation_before_send"),
        Default(False),
    ]
    activation: Annotated[Code, Doc("Codes that activate an account.", "otp_settings.activation")]
    authentication: Annotated[Code, Doc("Codes that sign a user in.", "otp_settings.authentication")]
    challenge: Annotated[Code, Doc("Codes of the second factor.", "otp_settings.challenge")]
    enrollWebauthn: Annotated[Code, Doc("Codes that allow a new passkey.", "otp_settings.enroll_webauthn")]
    resetPassword: Annotated[Code, Doc("Codes that reset a password.", "otp_settings.reset_password")]
    resetTotp: Annotated[Code, Doc("Codes that reset an authenticator app.", "otp_settings.reset_totp")]
    verifyAddress: Annotated[Code, Doc("Codes that verify an address.", "otp_settings.verify_address")]
