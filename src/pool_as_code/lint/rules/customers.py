"""Rules about organizations: domains that lead to them, methods they allow, templates."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.address import Address
from ...core.values import as_list, as_texts
from ...resources.state import Resource
from ..desired import Desired, declared
from ..rule import Breach, Option, Options

PUBLIC = Option(
    "domains",
    "list of texts",
    [
        "aol.com",
        "gmail.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mail.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "web.de",
        "yahoo.com",
        "yandex.ru",
    ],
    "Domains of mail services that anybody may have an address of.",
    "shorter",
)


def shared_domain(desired: Desired, options: Options) -> Iterator[Breach]:
    """The same e-mail domain leads to two organizations."""
    first: dict[str, tuple[Resource, int]] = {}
    for organization in desired.known("organization"):
        for index, domain in enumerate(as_texts(declared(organization, "domains"))):
            other, at = first.setdefault(domain.lower(), (organization, index))
            if other is organization:
                continue
            told, known, place = organization, other, index
            if desired.state.get(told.address) is not told:
                told, known, place = other, organization, at
            if desired.state.get(told.address) is told:
                yield Breach(
                    told,
                    ("spec", "domains", place),
                    f"the domain {domain} leads to {known.address.name} as well",
                    "a user of that domain is sent to one of the two, and it may be the other customer's directory",
                    "keep it with one of them",
                    remove=True,
                    other=("the other one stands at", known, ("metadata", "name")),
                )


def public_domain(desired: Desired, options: Options) -> Iterator[Breach]:
    """Everybody with an address of a mail service is led to one customer."""
    public = frozenset(map(str.lower, options.texts("domains")))
    for organization in desired.of("organization"):
        for index, domain in enumerate(as_list(declared(organization, "domains"))):
            if str(domain).lower() in public:
                yield Breach(
                    organization,
                    ("spec", "domains", index),
                    f"anybody may have an address at {domain}",
                    f"all of them are led to the directory of {organization.address.name}",
                    "remove it; invite such users one by one",
                    remove=True,
                )


def wider(desired: Desired, options: Options) -> Iterator[Breach]:
    """An organization allows what the one above it does not."""
    for organization in desired.of("organization"):
        allowed = declared(organization, "allowedMethods")
        above = desired.get(Address("workspace", str(organization.metadata.get("parent")))) or desired.get(
            Address("organization", str(organization.metadata.get("parent")))
        )
        limit = declared(above, "allowedMethods") if above is not None else None
        if above is None or not isinstance(allowed, list) or not isinstance(limit, list):
            continue
        for index, method in enumerate(allowed):
            if method not in limit:
                yield Breach(
                    organization,
                    ("spec", "allowedMethods", index),
                    f"{method} is not allowed by {above.address}",
                    "an organization may only tighten what stands above it: the method does not work",
                    f"remove it, or add it to allowedMethods of {above.address}",
                    remove=True,
                )


def template_with_users(desired: Desired, options: Options) -> Iterator[Breach]:
    """A template, from which new customers are made, holds users."""
    for organization in desired.of("organization"):
        if declared(organization, "template") is not True:
            continue
        name = organization.address.name
        for pool in desired.known("pool"):
            users = desired.users_of.get(pool.address.name)
            if pool.metadata.get("organization") == name and users:
                yield Breach(
                    organization,
                    ("spec", "template"),
                    f"the template has users: {users[0].address.name} in pool {pool.address.name}",
                    "new organizations are made from it; real people in it come along, or reach what is made",
                    "move them to an organization of their own",
                    other=("the user stands at", users[0], ("metadata", "name")),
                )
