"""The kind `User`: one person or record of a pool. Few and rich ones; what people change themselves is only initial."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Required

from typing_extensions import TypedDict

from ..core.secrets import RESERVED, SecretRef, is_reserved
from ..core.urls import page_problem
from ..core.values import JsonMap, JsonValue, as_list, as_map
from .kind import ApiVersion, Kind, Metadata, Problem, Reference
from .pool import PoolSchemas
from .pool.sign_in import Method
from .rules import address_problem, identifier_problem
from .traits import (
    STRICT,
    Atomic,
    Default,
    Doc,
    Immutable,
    Initial,
    JsonObject,
    Keyed,
    LongName,
    Name,
    PerItem,
    PerKey,
    Personal,
    Ref,
    Secret,
    ServerChosen,
    Text,
)

IDENTIFIER_TYPES = ("email", "mobile", "uid", "external", "federated")
ADDRESS_TYPES = ("email", "mobile")
_TYPES = frozenset(IDENTIFIER_TYPES)
Status = Literal["new", "active", "inactive", "deleted"]


def identifier_key(member: JsonValue) -> str:
    """`email:ada@example.com` for `{email: ada@example.com}`; empty when no type is declared."""
    for word, value in as_map(member).items():
        if word in _TYPES:
            return f"{word}:{value}"
    return ""


class Identifier(TypedDict, total=False):
    """A name a user signs in with: exactly one of the five types."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    email: Annotated[str, Doc("An e-mail address."), Personal()]
    mobile: Annotated[str, Doc("A telephone number in E.164 form, with +."), Personal()]
    uid: Annotated[str, Doc("A name: ASCII without spaces."), Personal()]
    external: Annotated[str, Doc("The id in another system: ASCII without spaces."), Personal()]
    federated: Annotated[str, Doc("The subject at an external provider; the directory's own business."), Personal()]
    metadata: Annotated[JsonObject | None, Doc("A free map.", "metadata"), Atomic(), Default(None)]


class UserAddress(TypedDict, total=False):
    """Where codes and links are sent: exactly one of the two types."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    email: Annotated[str, Doc("An e-mail address."), Personal()]
    mobile: Annotated[str, Doc("A telephone number in E.164 form, with +."), Personal()]
    verified: Annotated[
        bool | None, Doc("The user has shown that it is theirs.", "verified"), Default(False), Initial()
    ]
    status: Annotated[Literal["active", "inactive"] | None, Doc("Whether it is used.", "status"), Default("active")]
    preferredContactMethod: Annotated[
        Literal["sms", "voice"] | None,
        Doc("How codes reach a telephone.", "preferred_contact_method"),
        Default(None),
    ]
    allowedForSecondFactor: Annotated[
        bool | None, Doc("Codes of the second factor may go there.", "allowed_for_2fa"), Default(False)
    ]
    metadata: Annotated[JsonObject | None, Doc("A free map.", "metadata"), Atomic(), Default(None)]


class SecretSource(TypedDict, total=False):
    """Where a secret comes from: exactly one of the three."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    fromEnv: Annotated[str, Doc("An environment variable.")]
    fromFile: Annotated[str, Doc("A file below the project or the secrets folder.")]
    fromCommand: Annotated[str, Doc("The output of a command, where that is switched on outside the repository.")]


class Password(TypedDict, total=False):
    """The password a user starts with. Set once, never compared, never read back."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    initial: Annotated[SecretSource, Doc("Where the clear text comes from at creation.", "password")]
    hash: Annotated[
        str | JsonObject,
        Doc("A stored hash: PHC, modular crypt, LDAP, the service's `{value, config}`, or a secret reference."),
    ]
    mustChange: Annotated[bool, Doc("Good for one sign-in, then it must be changed.", "must_be_changed")]
    mustReset: Annotated[bool, Doc("Must be reset before the first sign-in.", "must_be_reset")]


class Totp(TypedDict, total=False):
    """The authenticator app a user starts with."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    secret: Required[Annotated[SecretSource, Doc("Where the shared secret (base32) comes from.", "totp_secret")]]


class Preferences(TypedDict, total=False):
    """What the user prefers."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    secondFactor: Annotated[
        Method | None, Doc("The second factor shown first.", "preferences.mfa.preferred_2fa"), Default(None)
    ]


class Invitation(TypedDict, total=False):
    """The activation message. Sent at most once, when the user is created."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    send: Annotated[Literal["never", "onCreate"], Doc("Whether a message is sent.")]
    via: Annotated[Literal["link", "code"], Doc("What it holds.", "code_type_in_message")]
    workspace: Annotated[Name, Doc("The workspace whose look it has.", "server_id"), Ref("workspace")]
    returnTo: Annotated[Text, Doc("Where the user goes afterwards.", "post_activation_url")]


class UserSpec(TypedDict, total=False):
    """Everything about a user."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    status: Annotated[
        Status,
        Doc("`new` waits for activation, only `active` signs in, `inactive` is suspended.", "status"),
        ServerChosen("new"),
    ]
    userType: Annotated[
        Literal["standard", "jit"],
        Doc("How the account came about.", "user_type"),
        ServerChosen("standard"),
        Immutable(),
    ]
    identifiers: Annotated[
        list[Identifier],
        Doc("Names the user signs in with.", "identifiers"),
        Keyed(identifier_key),
        PerItem(),
        Personal(),
    ]
    addresses: Annotated[
        list[UserAddress],
        Doc("Where codes and links are sent.", "verifiable_addresses"),
        Keyed(identifier_key),
        PerItem(),
        Personal(),
    ]
    profile: Annotated[
        JsonObject, Doc("What the user sees and edits.", "payload"), PerKey(), Initial(enforceable=True), Personal()
    ]
    administrative: Annotated[
        JsonObject, Doc("What administrators keep about the user.", "metadata"), PerKey(), Personal()
    ]
    delegated: Annotated[
        JsonObject, Doc("What applications keep about the user.", "business_metadata"), PerKey(), Personal()
    ]
    preferences: Annotated[Preferences, Doc("What the user prefers.", "preferences"), Initial(enforceable=True)]
    schemas: Annotated[PoolSchemas, Doc("The user's own schemas, where they are not the pool's.")]
    groups: Annotated[list[LongName], Doc("Groups of the same pool.", "groups"), PerItem(), Ref("group")]
    password: Annotated[Password, Doc("The password the user starts with."), Initial(), Secret(), Atomic()]
    totp: Annotated[Totp, Doc("The authenticator app the user starts with."), Initial(), Secret(), Atomic()]
    passkeys: Annotated[
        list[JsonObject],
        Doc("Passkeys (WebAuthn credential records, public keys only) the user starts with.", "webauthn_credentials"),
        Initial(),
        Atomic(),
    ]
    invitation: Annotated[Invitation, Doc("The activation message."), Initial(), Atomic()]


class UserMetadata(Metadata, total=False):
    """Where a user lives, beside what every object has."""

    pool: Required[Annotated[Name, Doc("The pool the user belongs to.", "user_pool_id")]]
    manage: Annotated[
        Literal["initial", "always"],
        Doc("`always` makes `profile` and `preferences` managed instead of initial."),
    ]


class UserDocument(TypedDict, total=False):
    """A document of kind `User`."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["User"]]
    metadata: Required[UserMetadata]
    spec: UserSpec


_POOL = ("metadata", "pool")


def references(metadata: JsonMap, spec: JsonMap) -> Iterator[Reference]:
    """The pool, groups of it, schemas, and the workspace of the invitation."""
    pool = str(metadata["pool"])
    yield Reference("pool", pool, _POOL)
    groups = spec.get("groups")
    if groups:
        for index, name in enumerate(as_list(groups)):
            yield Reference("group", f"{pool}/{name}", ("spec", "groups", index))
    if "schemas" in spec:
        for role, name in as_map(spec["schemas"]).items():
            yield Reference("schema", str(name), ("spec", "schemas", role))
    if "invitation" in spec:
        workspace = as_map(spec["invitation"]).get("workspace")
        if workspace is not None:
            yield Reference("workspace", str(workspace), ("spec", "invitation", "workspace"))


def checks(metadata: JsonMap, spec: JsonMap) -> Iterator[Problem]:
    """Forms of identifiers and addresses, and what a password declaration may hold."""
    if "identifiers" in spec:
        yield from _named_once("identifiers", as_list(spec["identifiers"]))
    if "addresses" in spec:
        yield from _named_once("addresses", as_list(spec["addresses"]))
    groups = as_list(spec.get("groups"))
    if len(groups) > 1 and len(set(map(str, groups))) != len(groups):
        for index, name in enumerate(groups):
            if name in groups[:index]:
                yield Problem(
                    ("spec", "groups", index),
                    "PAC233",
                    f"{name!r} stands twice in the list",
                    hint="remove one",
                    remove=True,
                )
    if "password" in spec:
        yield from _password_checks(as_map(spec["password"]))
    if "totp" in spec:
        yield from _one_source(("spec", "totp", "secret"), as_map(spec["totp"]).get("secret"))
    if "invitation" in spec:
        yield from _return_checks(as_map(spec["invitation"]).get("returnTo"))
    if "invitation" in spec and as_map(spec["invitation"]).get("send") == "onCreate":
        status = spec.get("status", "new")
        if status != "new":
            yield Problem(
                ("spec", "status"),
                "PAC244",
                "an invitation is sent to users of status new only",
                f"status is {status!r}",
                hint="set status: new, or invitation.send: never",
                replace="new",
            )


def _return_checks(target: JsonValue) -> Iterator[Problem]:
    problem = page_problem(target) if isinstance(target, str) else ""
    if problem:
        secure = f"https://{str(target)[7:]}" if str(target).startswith("http://") else ""
        is_better = bool(secure) and not page_problem(secure)
        yield Problem(
            ("spec", "invitation", "returnTo"),
            "PAC255",
            "returnTo is no address that people are sent to",
            problem,
            hint="https://HOST/PATH, or http:// with localhost",
            replace=secure if is_better else None,
            remove=not is_better,
        )


def _named_once(field: str, members: list[JsonValue]) -> list[Problem]:
    """Problems of the members of a list. Almost always there are none: nothing is made for a good member."""
    found: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for index, member in enumerate(members):
        declared = as_map(member)
        words = _TYPES.intersection(declared)
        if len(words) != 1:
            found.append(_not_one_type(field, index, [word for word in declared if word in _TYPES]))
            continue
        (word,) = words
        value = str(declared[word])
        if identifier_problem(word, value) is not None:
            found.append(_malformed(field, index, word, value))
        if len(members) > 1:
            key = (word, value)
            if key in seen:
                twice = f"the same {word} stands twice in {field}"
                found.append(Problem(("spec", field, index), "PAC233", twice, hint="remove one", remove=True))
            seen.add(key)
    return found


def _not_one_type(field: str, index: int, words: list[str]) -> Problem:
    known = IDENTIFIER_TYPES if field == "identifiers" else ADDRESS_TYPES
    return Problem(
        ("spec", field, index),
        "PAC240",
        f"a member of {field} needs exactly one of {', '.join(known)}",
        f"found {', '.join(words) or 'none'}",
        hint="write one member for each" if words else f"for example {{{known[0]}: ...}}",
        remove=not words,
    )


def _malformed(field: str, index: int, word: str, value: str) -> Problem:
    problem = (identifier_problem if field == "identifiers" else address_problem)(word, value)
    assert problem is not None
    path = ("spec", field, index, word)
    return Problem(path, "PAC241", *problem.texts, replace=problem.better, remove=problem.better is None)


def _password_checks(password: JsonMap) -> Iterator[Problem]:
    path = ("spec", "password")
    if "initial" in password and "hash" in password:
        yield Problem(
            (*path, "hash"),
            "PAC242",
            "a password is declared twice: initial and hash",
            hint="keep one of the two",
            remove=True,
        )
    elif "initial" not in password and "hash" not in password:
        yield Problem(
            path,
            "PAC242",
            "a password needs initial or hash",
            hint="for example password: {initial: {fromEnv: ADA_PASSWORD}}",
            remove=True,
        )
    if "initial" in password:
        yield from _one_source((*path, "initial"), password["initial"])
    if SecretRef.from_json(password.get("hash")) is not None:
        yield from _one_source((*path, "hash"), password["hash"])
    if password.get("mustChange") and password.get("mustReset"):
        yield Problem(
            (*path, "mustChange"),
            "PAC242",
            "mustReset takes precedence over mustChange",
            hint="keep one of the two",
            remove=True,
        )


def _one_source(path: tuple[str | int, ...], value: JsonValue) -> Iterator[Problem]:
    found = list(as_map(value))
    if len(found) != 1:
        yield Problem(
            path,
            "PAC243",
            "a secret needs exactly one source",
            f"found {', '.join(found) or 'none'}",
            hint="one of fromEnv, fromFile, fromCommand",
            replace={found[0]: as_map(value)[found[0]]} if found else {"fromEnv": "SECRET"},
        )
        return
    source, name = found[0], str(as_map(value)[found[0]])
    if source == "fromEnv" and is_reserved(name):
        yield Problem(
            (*path, source),
            "PAC245",
            "a secret may not come from a POOL_AS_CODE_ variable",
            "those hold the tool's own credentials",
            hint="use a variable of another name",
            replace=name.strip()[len(RESERVED) :] or "SECRET",
        )


def met(path: tuple[str, ...], desired: JsonValue, live: JsonValue) -> bool:
    """An invited user who has activated the account is what `status: new` asked for."""
    return path == ("status",) and desired == "new" and live == "active"


KIND = Kind(
    name="User",
    word="user",
    title="one user of a pool, and what it starts with",
    document=UserDocument,
    spec=UserSpec,
    metadata=UserMetadata,
    references=references,
    checks=checks,
    container="pool",
    uuid_ids=True,
    met=met,
)
