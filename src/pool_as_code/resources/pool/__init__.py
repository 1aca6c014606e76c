"""The kind `IdentityPool`: a user directory with its sign-in methods, policies, limits and schema references."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Required

from typing_extensions import TypedDict

from ...core.values import JsonMap, as_list, as_map
from ..kind import ApiVersion, Kind, Metadata, Problem, Reference
from ..traits import (
    STRICT,
    Atomic,
    Color,
    Default,
    DisplayName,
    Doc,
    FreeMap,
    Immutable,
    JsonObject,
    Name,
    OwnName,
    PerKey,
    Ref,
    ServerChosen,
    Text,
    Unordered,
    Weakens,
)
from ..traits import Reference as RefName
from .codes import Codes
from .limits import PoolLimits
from .passkeys import PasskeySettings
from .password import PasswordPolicy, PasswordSettings
from .registration import Recovery, RegistrationModes
from .sign_in import METHODS, SignIn

ROLES = ("profile", "administrative", "delegated")


class PoolSchemas(TypedDict, total=False):
    """Which schema each of a user's three attribute maps must fit. `$default` is the directory's own."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    profile: Annotated[
        RefName,
        Doc("Schema of what users see and edit.", "payload_schema_id"),
        ServerChosen("the directory's default profile schema: first_name, last_name, name"),
        Ref("schema"),
    ]
    administrative: Annotated[
        RefName,
        Doc("Schema of what administrators keep about users.", "metadata_schema_id"),
        ServerChosen("the directory's default administrative schema"),
        Ref("schema"),
    ]
    delegated: Annotated[
        RefName,
        Doc("Schema of what applications keep about users.", "business_metadata_schema_id"),
        ServerChosen("none"),
        Ref("schema"),
    ]


class PoolSpec(TypedDict, total=False):
    """Everything about a pool but its users and groups."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    displayName: DisplayName
    description: Annotated[Text | None, Doc("What the pool is for.", "description"), Default("")]
    badgeColor: Annotated[Color | None, Doc("Colour of its label in the console.", "badge_color"), Default("")]
    signIn: Annotated[SignIn, Doc("How users sign in.")]
    signInAt: Annotated[
        list[RefName],
        Doc("Workspaces whose applications its users may use.", "idps"),
        ServerChosen("its own workspace"),
        Unordered(),
        Ref("workspace"),
        Weakens("longer"),
    ]
    registrationModes: Annotated[RegistrationModes, Doc("How new accounts are made.")]
    recovery: Annotated[Recovery, Doc("How lost or old credentials are replaced.")]
    passwordPolicy: Annotated[PasswordPolicy, Doc("What a new password must be.", "password_policy")]
    passwordSettings: Annotated[PasswordSettings, Doc("How passwords are kept.", "password_settings")]
    poolLimits: Annotated[PoolLimits, Doc("How much one user may hold.")]
    passkeySettings: Annotated[PasskeySettings, Doc("Where passkeys are valid.", "webauthn_settings")]
    codes: Annotated[Codes, Doc("One-time codes.", "otp_settings")]
    schemas: Annotated[PoolSchemas, Doc("Schemas of the users' attributes.")]
    metadata: Annotated[
        FreeMap,
        Doc("The pool's own free map. The key `pool-as-code` is reserved.", "metadata"),
        PerKey(),
    ]
    extra: Annotated[
        JsonObject, Doc("Fields of the service that this version does not know, by the service's names."), PerKey()
    ]


class PoolMetadata(Metadata, total=False):
    """Where a pool lives, beside what every object has."""

    name: Required[OwnName]
    workspace: Annotated[Name, Doc("The workspace that owns the pool.", "workspace_id"), Ref("workspace"), Immutable()]
    organization: Annotated[
        Name, Doc("The organization that owns it.", "workspace_id"), Ref("organization"), Immutable()
    ]


class PoolDocument(TypedDict, total=False):
    """A document of kind `IdentityPool`."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["IdentityPool"]]
    metadata: Required[PoolMetadata]
    spec: Annotated[PoolSpec, Atomic()]


def references(metadata: JsonMap, spec: JsonMap) -> Iterator[Reference]:
    """The owning workspace or organization, schemas, and workspaces to sign in at."""
    for key in ("workspace", "organization"):
        if key in metadata:
            yield Reference(key, str(metadata[key]), ("metadata", key))
    for role, name in as_map(spec.get("schemas")).items():
        yield Reference("schema", str(name), ("spec", "schemas", role))
    for index, name in enumerate(as_list(spec.get("signInAt"))):
        yield Reference("workspace", str(name), ("spec", "signInAt", index))


def checks(metadata: JsonMap, spec: JsonMap) -> Iterator[Problem]:
    """What one pool's declared fields must be among themselves."""
    if "workspace" in metadata and "organization" in metadata:
        yield Problem(
            ("metadata", "organization"),
            "PAC230",
            "a pool lives in a workspace or in an organization, not in both",
            hint="remove one of the two",
            remove=True,
        )
    if "pool-as-code" in as_map(spec.get("metadata")):
        yield Problem(
            ("spec", "metadata", "pool-as-code"),
            "PAC231",
            "the key pool-as-code is reserved for ownership records",
            hint="use another key",
            remove=True,
        )
    yield from _method_checks(as_map(spec.get("signIn")))


def _method_checks(sign_in: JsonMap) -> Iterator[Problem]:
    from ..suggest import nearest

    first, second = as_map(sign_in.get("firstFactor")), as_map(sign_in.get("secondFactor"))
    for word, factor, fallback in (("firstFactor", first, ["password"]), ("secondFactor", second, [])):
        declared = factor.get("methods", fallback)
        methods = [str(m) for m in as_list(fallback if declared is None else declared)]
        for index, method in enumerate(as_list(factor.get("methods"))):
            path = ("spec", "signIn", word, "methods", index)
            if method not in METHODS and not sign_in.get("allowUnknownMethods"):
                near = nearest(str(method), METHODS)
                yield Problem(
                    path,
                    "PAC232",
                    f"unknown sign-in method {method!r}",
                    f"known methods: {', '.join(METHODS)}",
                    hint=f"did you mean {near!r}?" if near else "signIn.allowUnknownMethods: true accepts it",
                    replace=near,
                )
            elif method in methods[:index]:
                yield Problem(path, "PAC233", f"{method!r} stands twice in the list", hint="remove one", remove=True)
            elif word == "secondFactor" and "methods" in first and method in as_list(first.get("methods")):
                yield Problem(
                    path,
                    "PAC234",
                    f"{method!r} is a method of both factors",
                    "the second factor must differ from the first",
                    hint=f"remove {method!r} from one of the two lists",
                    remove=True,
                )
        preferred = factor.get("preferred")
        known = "methods" in factor or word == "secondFactor"
        if isinstance(preferred, str) and known and preferred not in methods:
            near = nearest(preferred, methods) or (methods[0] if methods else None)
            yield Problem(
                ("spec", "signIn", word, "preferred"),
                "PAC235",
                f"preferred method {preferred!r} is not among the methods of the {_FACTOR[word]}",
                f"methods: {', '.join(methods) or 'none'}",
                hint=f"choose {near!r}" if near else "declare methods first, or remove preferred",
                replace=near,
                remove=near is None,
            )


_FACTOR = {"firstFactor": "first factor", "secondFactor": "second factor"}

KIND = Kind(
    name="IdentityPool",
    word="pool",
    title="an identity pool: users, how they sign in, and what is known of them",
    document=PoolDocument,
    spec=PoolSpec,
    metadata=PoolMetadata,
    references=references,
    checks=checks,
)
