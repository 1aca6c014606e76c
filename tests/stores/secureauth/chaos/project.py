"""The project that is applied under chaos: everything that the store writes in a way of its own, once or twice."""

from __future__ import annotations

import json
from typing import Any

from tests.house import document

HASH = "$2b$04$hzlCOLDO5S7WC0gI9KKGy.8zrf3t6mBHTI3ofUgQDxyLbCAk5RPk2"
PASSWORD = "a-long-enough-Pa55word"
ENVIRON = {"ADA_PASSWORD": PASSWORD}
OPTIONS: dict[str, Any] = {
    "prune": True,
    "max_deletes": dict.fromkeys(("organization", "schema", "pool", "group", "user"), 10),
    "confirm": ("pool/closed",),
}
_PROFILE = {"type": "object", "properties": {"first_name": {"type": "string"}, "tier": {"type": "string"}}}
INVITED = ("eve", "zoe")


def _user(name: str, **spec: Any) -> dict[str, Any]:
    return document("User", {"name": name, "pool": "customers"}, **spec)


def _invited(name: str) -> dict[str, Any]:
    return _user(
        name,
        identifiers=[{"email": f"{name}@example.com"}],
        addresses=[{"email": f"{name}@example.com"}],
        invitation={"send": "onCreate", "via": "code"},
    )


def first() -> list[dict[str, Any]]:
    """The project as it begins."""
    return [
        document("Workspace", {"name": "shop"}),
        document("Organization", {"name": "acme", "parent": "shop"}, domains=["acme.example"]),
        document("Schema", {"name": "profile"}, schema=_PROFILE),
        document("Schema", {"name": "old"}, schema={"type": "object"}),
        document(
            "IdentityPool",
            {"name": "customers", "workspace": "shop"},
            displayName="Customers",
            signIn={"identifiersIgnoreCase": True, "secondFactor": {"methods": ["totp"]}},
            passwordPolicy={"minLength": 8},
            schemas={"profile": "profile", "delegated": "old"},
        ),
        document("IdentityPool", {"name": "partners", "organization": "acme"}),
        document("IdentityPool", {"name": "closed"}),
        document("Group", {"name": "staff", "pool": "customers"}),
        document("Group", {"name": "support", "pool": "customers", "parent": "staff"}),
        document("Group", {"name": "gone", "pool": "customers"}),
        _user(
            "ada",
            status="active",
            identifiers=[{"email": "ada@example.com"}, {"uid": "ada"}],
            addresses=[{"email": "ada@example.com", "verified": True}],
            profile={"first_name": "Ada"},
            administrative={"tier": "gold"},
            groups=["support", "gone"],
            password={"initial": {"fromEnv": "ADA_PASSWORD"}, "mustChange": True},
        ),
        _user("bob", status="active", identifiers=[{"uid": "bob"}], password={"hash": HASH}, groups=["gone"]),
        _user("old", identifiers=[{"uid": "old"}]),
        _invited("eve"),
    ]


def second() -> list[dict[str, Any]]:
    """What becomes of it: changes of every sort, new objects, and some that are no longer declared."""
    documents = [
        one for one in json.loads(json.dumps(first())) if one["metadata"]["name"] not in ("old", "gone", "closed")
    ]
    named = {(one["kind"], one["metadata"]["name"]): one for one in documents}
    named["Organization", "acme"]["spec"] |= {"displayName": "ACME", "domains": ["acme.example", "acme.test"]}
    pool = named["IdentityPool", "customers"]["spec"]
    pool |= {
        "passwordPolicy": {"minLength": 10},
        "description": "Everyone",
        "schemas": {"profile": "profile", "delegated": "fresh"},
    }
    named["Group", "support"]["spec"] |= {"displayName": "Support", "description": "May see orders"}
    ada = named["User", "ada"]["spec"]
    ada |= {
        "identifiers": [{"email": "ada@example.com"}, {"uid": "ada2"}],
        "groups": ["staff"],
        "administrative": {"tier": "silver"},
    }
    ada |= {"addresses": [{"email": "ada@example.com", "verified": True}, {"email": "ada@example.org"}]}
    named["User", "bob"]["spec"] |= {"groups": ["leads"], "status": "inactive"}
    return [
        *documents,
        document("Schema", {"name": "fresh"}, schema={"type": "object"}),
        document("Group", {"name": "leads", "pool": "customers", "parent": "support"}),
        _user("tim", status="active", identifiers=[{"uid": "tim"}], password={"hash": HASH}, groups=["leads"]),
        _user("una", identifiers=[{"uid": "una"}], groups=["staff", "leads"]),
        _invited("zoe"),
        document("IdentityPool", {"name": "new"}, displayName="New"),
        document("Group", {"name": "all", "pool": "new"}),
    ]
