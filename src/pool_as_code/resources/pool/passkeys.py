"""The section `passkeySettings`."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints
from typing_extensions import TypedDict

from ..traits import STRICT, Default, Doc, ServerChosen, Unordered, Weakens

Origin = Annotated[
    str, StringConstraints(pattern=r"^(https://[^/\s?#@]+|http://localhost(:\d+)?|android:apk-key-hash:\S+)$")
]
Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]


class PasskeySettings(TypedDict, total=False):
    """Where passkeys are valid. Changing the relying party id makes the passkeys that exist useless (WebAuthn, section 5)."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    relyingPartyId: Annotated[
        Domain,
        Doc("The domain that passkeys belong to.", "webauthn_settings.rp_id"),
        ServerChosen("the host of the directory"),
        Weakens("any"),
    ]
    origins: Annotated[
        list[Origin] | None,
        Doc("Origins from which passkeys may be used.", "webauthn_settings.rp_origins"),
        Default([]),
        Unordered(),
        Weakens("longer"),
    ]
    requireInteraction: Annotated[
        bool | None,
        Doc("The user must act before the browser asks.", "webauthn_settings.require_user_interaction_before_prompt"),
        Default(False),
    ]
