"""Plans for the renderers' tests, built from values: one with every sort of change, and hostile ones."""

from __future__ import annotations

from typing import Any

from pool_as_code.core.address import Address
from pool_as_code.core.diagnostics import Severity
from pool_as_code.core.fieldpath import Item
from pool_as_code.core.rights import Grant, Right
from pool_as_code.plan.model import (
    Action,
    Change,
    Effect,
    EffectNote,
    FieldChange,
    Finding,
    Ownership,
    Plan,
    Target,
)

TARGET = Target("sqlite:///.pool-as-code/directory.db", "4c1d0c36-8a8e-4d5e-9a55-64fbb7a0a7f1", "p-7f3a", "shop", "dev")
SCHEMA = {
    "type": "object",
    "properties": {
        "first_name": {"type": "string", "minLength": 1},
        "phone": {"type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$"},
    },
    "required": ["first_name"],
}
LATER_SCHEMA = {
    "type": "object",
    "properties": {"first_name": {"type": "string", "minLength": 2}, "last_name": {"type": "string"}},
    "required": ["first_name", "last_name"],
}


def a_plan(*changes: Change, **given: Any) -> Plan:
    """A plan of these changes for the target above."""
    return Plan(given.pop("target", TARGET), changes=changes, **given)


def created(address: str, spec: dict[str, Any], *, metadata: dict[str, Any] | None = None, **given: Any) -> Change:
    """A new object."""
    after: Any = {"metadata": metadata or {}, "spec": spec}
    return Change(Address.parse(address), Action.CREATE, reason="it is not there yet", after=after, **given)


def updated(address: str, *fields: FieldChange, **given: Any) -> Change:
    """A changed object."""
    return Change(Address.parse(address), Action.UPDATE, reason="it differs", fields=fields, **given)


def deleted(address: str, reason: str = "no manifest declares it") -> Change:
    """An object that goes."""
    return Change(Address.parse(address), Action.DELETE, reason=reason)


def personal(path: tuple[str, ...], before: Any, after: Any, effect: Effect = Effect.SET) -> FieldChange:
    """A field that holds personal data."""
    return FieldChange(path, before, after, effect, personal=True)


def ada(**extra: Any) -> Change:
    """A new user with every sort of personal and secret field."""
    return created(
        "user/customers/ada",
        {
            "status": "active",
            "identifiers": [{"email": "ada@example.com"}, {"uid": "ada-lovelace"}],
            "addresses": [{"email": "ada@example.com", "verified": True}],
            "profile": {"first_name": "Augusta", "last_name": "Lovelace"},
            "administrative": {"tier": "gold-tier"},
            "groups": ["support"],
            "password": {"initial": {"fromEnv": "ADA_PASSWORD"}, "mustChange": True},
            "totp": {"secret": {"fromFile": "secrets/ada.totp"}},
            **extra,
        },
        metadata={"pool": "customers"},
        secrets={"password.initial": "fromEnv:ADA_PASSWORD", "totp.secret": "fromFile:secrets/ada.totp"},
    )


PERSONAL_TEXTS = (
    "ada@example.com",
    "ada-lovelace",
    "Augusta",
    "Lovelace",
    "gold-tier",
    "bob@example.com",
    "bo@old.example",
)


def rich_plan() -> Plan:
    """Every action, every form of a field's change, findings of each severity, messages, things beside it."""
    return a_plan(
        created("schema/suppliers", {"displayName": "Suppliers", "schema": SCHEMA}),
        updated("schema/customer-profile", FieldChange(("schema",), SCHEMA, LATER_SCHEMA)),  # type: ignore[arg-type]
        updated(
            "pool/customers",
            FieldChange(("passwordPolicy", "minLength"), 12, 8, weakens=True),
            FieldChange(("signIn", "firstFactor", "methods"), ["password"], ["password", "email_otp"], weakens=True),
            FieldChange(("signIn", "secondFactor", "preferred"), "totp", None),
            FieldChange(("description",), "Everyone who buys", "Everyone who buys, and everyone who has ever looked"),
            FieldChange(("badgeColor",), "#007FFF", None, Effect.RESET),
            FieldChange(("codes", "activation", "length"), 8, 6, Effect.RESET),
            FieldChange(
                ("passkeySettings", "origins"), ["https://a.example", "https://b.example"], ["https://b.example"]
            ),
        ),
        created(
            "pool/partners",
            {
                "displayName": "Partners",
                "signIn": {"firstFactor": {"methods": ["password", "webauthn"], "preferred": "webauthn"}},
                "passwordPolicy": {"minLength": 12, "history": 5},
            },
            metadata={"workspace": "shop"},
        ),
        Change(
            Address.parse("pool/hand-made"),
            Action.ADOPT,
            reason="it is there and owned by nobody here (found by derived)",
            fields=(FieldChange(("displayName",), "Old name", "New name"),),
        ),
        Change(
            Address.parse("group/customers/staff"),
            Action.ADOPT,
            reason="it is there and owned by nobody here (found by id)",
        ),
        updated(
            "group/customers/helpers",
            FieldChange(("parent",), None, "staff", metadata=True),
            previous_address=Address.parse("group/customers/support"),
        ),
        Change(Address.parse("group/customers/legacy"), Action.RELEASE, reason="declared released"),
        ada(invitation={"send": "onCreate", "via": "link"}),
        updated(
            "user/customers/bob",
            personal(("identifiers", Item("email:bob@example.com")), None, {"email": "bob@example.com"}, Effect.ADD),
            personal(("identifiers", Item("email:bo@old.example")), {"email": "bo@old.example"}, None, Effect.REMOVE),
            personal(("addresses", Item("email:bob@example.com"), "status"), "active", "inactive"),
            FieldChange(("groups", Item("support")), None, "support", Effect.ADD),
            personal(("administrative", "tier"), "gold-tier", "silver"),
            FieldChange(("status",), "inactive", "active"),
            unguarded=True,
        ),
        Change(
            Address.parse("user/customers/cleo"),
            Action.OWN,
            ownership=Ownership(
                added=("status", "identifiers[email:ada@example.com]"),
                dropped=("groups[support]", "profile.first_name"),
            ),
        ),
        deleted("user/customers/zoe"),
        deleted("group/customers/old", "declared absent"),
        findings=(
            Finding(
                "reactivates-user",
                Severity.BLOCK,
                "the user is inactive in the directory and would be active",
                "user/customers/bob",
                "declare status: inactive, or --allow reactivates-user@user/customers/bob",
            ),
            Finding("weakens-security", Severity.WARN, "weaker: passwordPolicy.minLength", "pool/customers"),
            Finding(
                "changed-by-user",
                Severity.INFO,
                "people own addresses[email:ada@example.com].verified, which differ; left alone",
                "user/customers/ada",
            ),
        ),
        rights=(
            Right("System client", "the scope identity", "users are written with it", Grant.GRANTED),
            Right(
                "System client",
                "the scope manage_configuration",
                "stored hashes go through the import, which needs it",
                Grant.UNKNOWN,
                (Address.parse("user/customers/ada"),),
                "the service does not say which scopes the client has",
            ),
        ),
        effects=(EffectNote("activation-message", "user/customers/ada", "an activation message with a link is sent"),),
        orphaned=(Address.parse("group/customers/forgotten"),),
        unmanaged={"pool": 1, "user": 51330},
        unchanged={"pool": 1, "user": 998},
    )
