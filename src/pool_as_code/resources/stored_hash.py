"""A stored password hash in the service's form, `{"value", "config": {"method", METHOD: {...}}}`, and its JSON codec.

Here lives only what can be known without computing a hash, so that manifests, dumps and every store can read one.
The fields of each method stand in `hash_configs.py`, other notations in `foreign_hashes.py`; hashing and verifying
belong to the directory. Texts are kept as they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import TypeVar, cast

from ..core.values import JsonMap, JsonValue
from .hash_configs import CONFIGS, MAX_TEXT, HashConfig, UnsupportedHash, check, function_name

_Config = TypeVar("_Config", bound=HashConfig)


@dataclass(frozen=True, slots=True, repr=False)
class StoredHash:
    """A hash that can be verified: what can not be is refused when it is built, with UnsupportedHash."""

    value: str
    config: HashConfig

    def __post_init__(self) -> None:
        self.parts()

    def __repr__(self) -> str:
        return f"StoredHash(method={self.method!r}, ******)"

    @property
    def method(self) -> str:
        """`argon2`, `bcrypt`, `pbkdf2`, `sha` or `md5`."""
        return self.config.method

    def parts(self) -> tuple[bytes, bytes]:
        """What a right password must give, and the salt; for who computes it."""
        check(len(self.value) <= MAX_TEXT, "the hash is too long")
        return self.config.parts(self.value)

    def to_json(self) -> JsonMap:
        """The service's form, every field written; ours only where they say something."""
        config = self.config
        body: JsonMap = {
            spec.name: getattr(config, spec.name)
            for spec in fields(config)
            if spec.name not in config.ours or getattr(config, spec.name) != spec.default
        }
        return {"value": self.value, "config": {"method": config.method, config.method: body}}

    @classmethod
    def from_json(cls, raw: object) -> StoredHash:
        """Reads the service's form. Zero values and the other methods' empty fields are as good as absent.

        A PHC string in `value` is read as such. Raises UnsupportedHash, and nothing else whatever `raw` is.
        """
        from .foreign_hashes import parse_foreign  # the two notations may hold each other

        found = _map(raw, ("value", "config"), "the hash")
        value = found.get("value")
        if not isinstance(value, str) or not value:
            raise UnsupportedHash(
                "the hash has no value", 'it looks like {"value": "...", "config": {"method": "bcrypt"}}'
            )
        check(len(value) <= MAX_TEXT, "the hash is too long")
        check(
            value.strip("#*") != "",
            "the value is blurred",
            "the service never shows hashes; take them from a full dump",
        )
        config = _read_config(found.get("config"))
        if value.startswith("$") and config.method in ("argon2", "pbkdf2"):
            parsed = parse_foreign(value)
            check(_agree(config, parsed.config), "the parameters in the value and those beside it differ")
            return parsed
        return cls(value, config)


def service_can_hold(stored: StoredHash) -> bool:
    """Whether the service has fields for it: not argon2i or argon2d, not argon2 before version 19, not sha-crypt.

    It says nothing on whether an assumption of `hash_configs.py` is wrong.
    """
    config = stored.config
    return all(getattr(config, spec.name) == spec.default for spec in fields(config) if spec.name in config.ours)


def _map(raw: object, known: Collection[str], what: str) -> Mapping[str, object]:
    """A map with no other keys than the known ones, null left out."""
    if not isinstance(raw, Mapping):
        raise UnsupportedHash(f"{what} is not a map")
    check(all(key in known for key in raw), f"{what} has other fields than {', '.join(known)}")
    return {str(key): value for key, value in raw.items() if value is not None}


def _read_config(raw: object) -> HashConfig:
    methods = {kind.method: kind for kind in CONFIGS}
    found = _map(raw, ("method", *methods), "the hash's config")
    method = found.get("method")
    if not isinstance(method, str) or method not in methods:
        raise UnsupportedHash(f"the hash's method is not one of {', '.join(methods)}")
    for other, kind in methods.items():
        if other != method and other in found:
            check(_read_fields(kind, found[other]) == kind(), f"a {method} hash has parameters of {other}")
    return _read_fields(methods[method], found.get(method, {}))


def _read_fields(kind: type[_Config], raw: object) -> _Config:
    """The fields of one method, each of its default's type."""
    defaults = {spec.name: cast(JsonValue, spec.default) for spec in fields(kind)}
    found = _map(raw, defaults, f"{kind.method} of the hash's config")
    for name, value in found.items():
        check(type(value) is type(defaults[name]), f"{kind.method}.{name} of the hash's config has the wrong type")
        check(
            not isinstance(value, int) or 0 <= value < 2**31,
            f"{kind.method}.{name} of the hash's config is out of range",
        )
        check(
            not isinstance(value, str) or len(value) <= MAX_TEXT,
            f"{kind.method}.{name} of the hash's config is too long",
        )
    build = cast(Callable[..., _Config], kind)  # the types were compared above
    return build(**found)


def _agree(declared: HashConfig, parsed: HashConfig) -> bool:
    """Whether what is said beside a PHC string is said in it too. Salts may differ in notation and are not compared."""
    if type(declared) is not type(parsed):
        return False
    pairs = [(getattr(declared, spec.name), getattr(parsed, spec.name), spec) for spec in fields(declared)]
    return all(
        said in (spec.default, seen) or (spec.name == "function" and function_name(said) == seen)
        for said, seen, spec in pairs
        if spec.name != "salt"
    )
