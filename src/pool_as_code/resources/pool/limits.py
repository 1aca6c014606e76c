"""The section `poolLimits`."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from ..traits import STRICT, Count, Doc, ServerChosen


class PoolLimits(TypedDict, total=False):
    """How much one user may hold."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    passkeysPerUser: Annotated[
        Count,
        Doc("How many passkeys a user may have.", "credential_limits.webauthn"),
        ServerChosen("10 in the embedded directory"),
    ]
