"""Rules about one-time codes and passkeys."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.clock import parse_duration
from ...core.urls import host_of
from ...core.values import as_list, as_map
from ...resources.state import Resource
from ..desired import Desired, declared
from ..rule import Breach, Option, Options, Path

PASSKEYS: Path = ("spec", "passkeySettings")
_USES = {
    "authentication": "signIn",
    "challenge": "signIn",
    "resetPassword": "recovery",
    "resetTotp": "recovery",
    "enrollWebauthn": "recovery",
    "activation": "registration",
    "verifyAddress": "registration",
}


def long_lived(desired: Desired, options: Options) -> Iterator[Breach]:
    """A code is good for longer than it takes to read a message."""
    for pool in desired.of("pool"):
        for purpose, code in as_map(pool.spec.get("codes")).items():
            ttl = as_map(code).get("ttl")
            use = _USES.get(purpose)
            if use is not None and isinstance(ttl, str) and parse_duration(ttl) > options.milliseconds(use):
                yield Breach(
                    pool,
                    ("spec", "codes", purpose, "ttl"),
                    f"a code for {purpose} is good for {ttl}",
                    f"the longer it lives, the longer it can be guessed or found in a mailbox; at most {options.text(use)} is meant",
                    f"write {options.text(use)} or less",
                    replace=options.text(use),
                )


LONG_LIVED = (
    Option("signIn", "duration", "15m", "The longest life of codes for authentication and challenge.", "higher"),
    Option("recovery", "duration", "1h", "The same for resetPassword, resetTotp and enrollWebauthn.", "higher"),
    Option("registration", "duration", "7d", "The same for activation and verifyAddress.", "higher"),
)


def short(desired: Desired, options: Options) -> Iterator[Breach]:
    """A code is short enough to be guessed."""
    least = options.number("min")
    for pool in desired.of("pool"):
        for purpose, code in as_map(pool.spec.get("codes")).items():
            length = as_map(code).get("length")
            if isinstance(length, int) and length < least:
                yield Breach(
                    pool,
                    ("spec", "codes", purpose, "length"),
                    f"a code for {purpose} has {length} characters",
                    f"of a million codes one is right, of ten thousand one is guessed soon; at least {least} are meant",
                    f"write {least} or more",
                    replace=least,
                )


SHORT = Option("min", "whole number", 6, "The fewest characters of a code.", "lower")


def no_relying_party(desired: Desired, options: Options) -> Iterator[Breach]:
    """Passkeys belong to whatever host the directory happens to have."""
    for pool in desired.of("pool"):
        if not _uses_passkeys(desired, pool) or declared(pool, "passkeySettings", "relyingPartyId") is not None:
            continue
        if desired.made_by_us(pool):
            yield Breach(
                pool,
                (*PASSKEYS, "relyingPartyId"),
                "passkeys are offered, and no domain is declared that they belong to",
                "the store chooses its own host; when that host changes, every passkey becomes useless",
                "declare passkeySettings.relyingPartyId, for example your own domain",
            )


def origins(desired: Desired, options: Options) -> Iterator[Breach]:
    """An origin from which no passkey of this relying party can be used."""
    for pool in desired.of("pool"):
        domain = declared(pool, "passkeySettings", "relyingPartyId")
        for index, origin in enumerate(as_list(declared(pool, "passkeySettings", "origins"))):
            host = host_of(str(origin)) if str(origin).startswith("http") else None
            if isinstance(domain, str) and host is not None and host != domain and not host.endswith(f".{domain}"):
                yield Breach(
                    pool,
                    (*PASSKEYS, "origins", index),
                    f"{host} is neither {domain} nor below it",
                    "browsers refuse passkeys there (WebAuthn, 5.1.3), unless the domain itself lists the origin as related",
                    "correct the origin or relyingPartyId, or remove the origin",
                    remove=True,
                )


def development_origin(desired: Desired, options: Options) -> Iterator[Breach]:
    """Programs on a user's own machine may ask for passkeys of a protected environment."""
    for pool in desired.of("pool") if desired.protected else ():
        for index, origin in enumerate(as_list(declared(pool, "passkeySettings", "origins"))):
            if str(origin).startswith("http://"):
                yield Breach(
                    pool,
                    (*PASSKEYS, "origins", index),
                    f"{origin} may use passkeys in a protected environment",
                    "whatever listens on a user's machine could ask for them",
                    "remove it here, and add it with a patch of the development environment",
                    remove=True,
                )


def few_passkeys(desired: Desired, options: Options) -> Iterator[Breach]:
    """A user can not have a second passkey for the day the first one is lost."""
    least = options.number("min")
    for pool in desired.of("pool"):
        limit = declared(pool, "poolLimits", "passkeysPerUser")
        if isinstance(limit, int) and limit < least and _uses_passkeys(desired, pool):
            yield Breach(
                pool,
                ("spec", "poolLimits", "passkeysPerUser"),
                f"a user may have {limit or 'no'} passkey{'' if limit == 1 else 's'}",
                "with a lost device the account is lost"
                if limit
                else "passkeys are a method, and nobody can enrol one",
                f"write {least} or more",
                replace=least,
            )


FEW_PASSKEYS = Option("min", "whole number", 2, "The fewest passkeys that a user may hold.", "lower")


def _uses_passkeys(desired: Desired, pool: Resource) -> bool:
    return "webauthn" in [*(desired.methods(pool) or ()), *(desired.methods(pool, "secondFactor") or ())]
