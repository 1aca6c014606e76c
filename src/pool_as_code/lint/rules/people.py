"""Rules about accounts: registration, administrators, invitations, users who hold credentials and no name."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.address import Address
from ...core.values import as_map
from ..desired import Desired, declared
from ..rule import Breach, Option, Options

ADMINISTRATORS = Option(
    "labels", "map of texts", {"purpose": "admin"}, "Labels of users who administer; one of them is enough."
)


def _is_administrator(labels: object, wanted: dict[str, str]) -> bool:
    return any(as_map(labels).get(key) == value for key, value in wanted.items())


def beside_administrators(desired: Desired, options: Options) -> Iterator[Breach]:
    """Strangers may sign up to the pool in which administrators live."""
    wanted = options.pairs("labels")
    for pool in desired.of("pool"):
        if declared(pool, "registrationModes", "selfRegistration") is not True:
            continue
        users = desired.users_of.get(pool.address.name, [])
        admin = next((user for user in users if _is_administrator(user.metadata.get("labels"), wanted)), None)
        if admin is not None:
            yield Breach(
                pool,
                ("spec", "registrationModes", "selfRegistration"),
                "strangers may sign up to a pool in which administrators live",
                f"{admin.address.name} is one of them: an account of a stranger differs from theirs by its attributes only",
                "keep administrators in a pool of their own, or switch self-registration off",
                other=("the administrator stands at", admin, ("metadata", "name")),
            )


def open_profile(desired: Desired, options: Options) -> Iterator[Breach]:
    """Who signs up may store whatever they like."""
    for pool in desired.of("pool"):
        name = declared(pool, "schemas", "profile")
        if declared(pool, "registrationModes", "selfRegistration") is not True or not isinstance(name, str):
            continue
        schema = desired.get(Address("schema", name))
        written = as_map(schema.spec.get("schema")) if schema is not None else {}
        closed = written.get("additionalProperties") is False or any(
            key in written for key in ("allOf", "patternProperties")
        )
        if schema is not None and written and not closed:
            yield Breach(
                pool,
                ("spec", "schemas", "profile"),
                f"who signs up may store attributes that schema {name} does not know",
                "people write their own profile, and the schema has no additionalProperties: false",
                f"set additionalProperties: false in schema {name}",
                other=("the schema stands at", schema, ("spec", "schema")),
            )


def lasting_password(desired: Desired, options: Options) -> Iterator[Breach]:
    """The first password of an administrator, which a pipeline knows, stays in use."""
    wanted = options.pairs("labels")
    for user in desired.of("user"):
        password = as_map(user.spec.get("password"))
        if "initial" not in password or password.get("mustChange") is True or password.get("mustReset") is True:
            continue
        if _is_administrator(user.metadata.get("labels"), wanted):
            yield Breach(
                user,
                ("spec", "password", "mustChange"),
                "an administrator keeps the password that the pipeline set",
                "everybody who can read that secret can sign in as this administrator, for as long as nobody changes it",
                "set password.mustChange: true",
                replace=True,
            )


_CREDENTIALS = ("password", "totp", "passkeys")


def no_name(desired: Desired, options: Options) -> Iterator[Breach]:
    """A user with credentials and nothing to sign in with."""
    for user in desired.of("user"):
        spec = user.spec
        if spec.get("identifiers") or not any(spec.get(word) for word in _CREDENTIALS) or not desired.made_by_us(user):
            continue
        if spec.get("status") == "active":
            yield Breach(
                user,
                ("spec", "identifiers"),
                "an active user has credentials and no identifier",
                "nobody can sign in without a name: the credentials are kept for nothing",
                "declare identifiers, for example [{email: ada@example.com}], or remove the credentials",
            )
