"""Rules about how users sign in: the second factor, remembered devices, identifiers."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.clock import parse_duration
from ...core.values import as_map
from ..desired import Desired, declared, each
from ..rule import Breach, Option, Options, Path

SECOND: Path = ("spec", "signIn", "secondFactor")
MAILBOX = frozenset(("email_otp", "otp"))  # `otp` is the older word for codes by e-mail or SMS


def missing(desired: Desired, options: Options) -> Iterator[Breach]:
    """A password is all that is asked for."""
    for pool in desired.of("pool"):
        if "password" in (desired.methods(pool) or ()) and desired.methods(pool, "secondFactor") == []:
            yield Breach(
                pool,
                (*SECOND, "methods"),
                "a password alone signs in",
                "a password that was guessed, reused or phished is enough to take an account over",
                "declare signIn.secondFactor.methods, for example [totp]",
            )


def skippable(desired: Desired, options: Options) -> Iterator[Breach]:
    """Who never enrolled a second factor is let in without one."""
    for pool, skips in each(desired, "pool", "signIn", "secondFactor", "skipIfNotEnrolled"):
        if skips is True and desired.methods(pool, "secondFactor") != []:
            yield Breach(
                pool,
                (*SECOND, "skipIfNotEnrolled"),
                "a user who has enrolled no second factor signs in without one",
                "the second factor protects only those who chose it; an attacker picks the others",
                "set it to false once users could enrol",
                replace=False,
            )


_SETTINGS = ("preferred", "skipIfNotEnrolled", "rememberDeviceFor", "skipFromAssurance")


def without_effect(desired: Desired, options: Options) -> Iterator[Breach]:
    """Settings of a second factor that is never asked for."""
    for pool in desired.of("pool"):
        factor = as_map(declared(pool, "signIn", "secondFactor"))
        named = [name for name in _SETTINGS if factor.get(name) not in (None, False, 0, "0s")]
        if named and desired.methods(pool, "secondFactor") == []:
            yield Breach(
                pool,
                (*SECOND, named[0]),
                f"{', '.join(named)} {'has' if len(named) == 1 else 'have'} no effect: there is no second factor",
                "only a list of methods that is not empty makes the directory ask for one",
                "add methods, or remove it",
                remove=len(named) == 1,
            )


def weak(desired: Desired, options: Options) -> Iterator[Breach]:
    """Every second factor is a code that is sent."""
    listed = options.texts("methods")
    for pool in desired.of("pool"):
        methods = desired.methods(pool, "secondFactor")
        if methods and all(method in listed for method in methods):
            yield Breach(
                pool,
                (*SECOND, "methods"),
                f"every second factor is a code that is sent: {', '.join(methods)}",
                "such codes can be phished, and those on a telephone taken over with its number",
                "offer webauthn or totp as well",
            )


WEAK = Option(
    "methods", "list of texts", ["email_otp", "sms_otp", "otp"], "Methods that do not count as strong.", "shorter"
)


def one_mailbox(desired: Desired, options: Options) -> Iterator[Breach]:
    """The mailbox that receives the second factor also resets the first."""
    for pool in desired.of("pool"):
        second = desired.methods(pool, "secondFactor")
        if not second or not MAILBOX.issuperset(second) or "password" not in (desired.methods(pool) or ()):
            continue
        if desired.value(pool, "recovery", "selfReset") is True:
            yield Breach(
                pool,
                (*SECOND, "methods"),
                "whoever reads a user's mail resets the password and receives the second factor",
                "recovery.selfReset is on, and codes by e-mail are the only second factor: one mailbox is both factors",
                "offer totp or webauthn as the second factor, or set recovery.selfReset: false",
            )


def remembered(desired: Desired, options: Options) -> Iterator[Breach]:
    """A device is not asked again for too long."""
    for pool, value in each(desired, "pool", "signIn", "secondFactor", "rememberDeviceFor"):
        if parse_duration(str(value)) > options.milliseconds("max"):
            yield Breach(
                pool,
                (*SECOND, "rememberDeviceFor"),
                f"a device is not asked for the second factor again for {value}",
                f"a stolen or shared device signs in with the password alone; at most {options.text('max')} is meant",
                f"write {options.text('max')} or less",
                replace=options.text("max"),
            )


REMEMBERED = Option("max", "duration", "30d", "The longest that a device may be remembered.", "higher")


def case_sensitive(desired: Desired, options: Options) -> Iterator[Breach]:
    """Ada@example.com and ada@example.com are two accounts."""
    for pool, ignored in each(desired, "pool", "signIn", "identifiersIgnoreCase"):
        if ignored is False and desired.people_sign_in(pool):
            yield Breach(
                pool,
                ("spec", "signIn", "identifiersIgnoreCase"),
                "two users may have identifiers that differ in upper and lower case only",
                "people mistype the case of their own address and land beside their account, or on that of another",
                "set identifiersIgnoreCase: true, before such users exist",
                replace=True,
            )


def no_issuer(desired: Desired, options: Options) -> Iterator[Breach]:
    """Authenticator apps show codes without a name."""
    for pool, issuer in each(desired, "pool", "signIn", "totpIssuer"):
        methods = [*(desired.methods(pool) or ()), *(desired.methods(pool, "secondFactor") or ())]
        if issuer == "" and "totp" in methods:
            yield Breach(
                pool,
                ("spec", "signIn", "totpIssuer"),
                "authenticator apps show no name beside the codes of this pool",
                "users with several accounts type the wrong code, or give it to the wrong site",
                "declare signIn.totpIssuer with the name that users know",
            )
