"""What the embedded directory chooses for a pool where its manifest says nothing: the `ServerChosen` fields. Pure.

Fields with a constant default are not written: absent means that default."""

from __future__ import annotations

from ..core.values import JsonMap, JsonValue, as_map
from ..resources.pool.codes import PURPOSES
from .system import DEFAULT_SCHEMA_IDS

CODE_LENGTH = 6
CODE_TTL = {"activation": "1d"}
DEFAULT_CODE_TTL = "10m"
PASSKEYS_PER_USER = 10
RELYING_PARTY = "localhost"
HASHING_METHOD = "argon2"


def with_choices(id: str, container: str | None, spec: JsonMap) -> JsonMap:
    """The settings with every choice made that was open. What was chosen once stays: doing it again changes nothing."""
    chosen: JsonMap = dict(spec)
    _choose(chosen, "displayName", id)
    _choose(chosen, "signInAt", [container] if container else [])
    _choose_in(chosen, "passwordSettings", hashingMethod=HASHING_METHOD)
    _choose_in(chosen, "poolLimits", passkeysPerUser=PASSKEYS_PER_USER)
    _choose_in(chosen, "passkeySettings", relyingPartyId=RELYING_PARTY)
    _choose_in(chosen, "schemas", **DEFAULT_SCHEMA_IDS)
    codes = dict(as_map(chosen.get("codes")))
    for purpose in PURPOSES:
        _choose_in(codes, purpose, length=CODE_LENGTH, ttl=CODE_TTL.get(purpose, DEFAULT_CODE_TTL))
    chosen["codes"] = codes
    return chosen


def _choose(settings: JsonMap, key: str, value: JsonValue) -> None:
    if settings.get(key) is None:
        settings[key] = value


def _choose_in(settings: JsonMap, section: str, **values: JsonValue) -> None:
    inner = dict(as_map(settings.get(section)))
    for key, value in values.items():
        _choose(inner, key, value)
    settings[section] = inner
