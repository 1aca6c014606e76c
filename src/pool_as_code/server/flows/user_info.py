"""What an application learns of somebody who signed in: claims of OpenID Connect, by the scopes it was granted, at `userinfo` and
in the ID token. What a schema hides stays hidden."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.clock import parse_time
from ...core.values import JsonMap, as_list, as_map
from ...directory.identifiers import typed
from ...resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from ..call import Answer, Call
from ..operations import Access, Operation
from ..stored import Stored
from .self_service import schema_of, signed_in, visible

PROFILE = (
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
    *("website", "gender", "birthdate", "zoneinfo", "locale"),
)
"""The claims of the scope `profile` (OpenID Connect Core, section 5.4) that are texts; attributes of these names are shown."""
CLAIMS = ("sub", "auth_time", "amr", *PROFILE, "updated_at", "email", "email_verified")
_NAMES, _ADDRESSES = frozenset(IDENTIFIER_TYPES), frozenset(ADDRESS_TYPES)


def operations() -> Iterator[Operation]:
    """Both methods that OpenID Connect asks for."""
    for method, name in (("GET", "getUserInfo"), ("POST", "postUserInfo")):
        yield Operation(
            method,
            "/{tid}/{aid}/userinfo",
            name,
            "Who signed in",
            user_info,
            Access.SELF,
            ("openid",),
            response="UserInfo",
        )


def user_info(call: Call) -> Answer:
    """The claims that the token's scopes open."""
    pool, user = signed_in(call)
    return Answer(200, {"sub": user.id, **claims_of(call, pool, user, call.caller.scopes)})


def claims_of(call: Call, pool: Stored, user: Stored, scopes: frozenset[str]) -> JsonMap:
    """What these scopes tell about a user."""
    claims: JsonMap = {}
    if "profile" in scopes:
        shown = visible(as_map(user.row.spec.get("profile")), schema_of(call, pool, user, "profile"))
        claims.update({name: shown[name] for name in PROFILE if isinstance(shown.get(name), str)})
        claims["updated_at"] = int(parse_time(user.updated_at).timestamp())
    if "email" in scopes:
        claims.update(_email(user.row.spec))
    return claims


def _email(spec: JsonMap) -> JsonMap:
    """The first address that is verified, else the first there is, else one that is a name to sign in with."""
    found = [
        (one[1], as_map(member)) for member in as_list(spec.get("addresses")) if (one := typed(member, _ADDRESSES))
    ]
    mails = sorted(
        (member.get("verified") is not True, at, text) for at, (text, member) in enumerate(found) if "email" in member
    )
    if mails:
        unverified, _, text = mails[0]
        return {"email": text, "email_verified": not unverified}
    names = [
        one[1] for member in as_list(spec.get("identifiers")) if (one := typed(member, _NAMES)) and one[0] == "email"
    ]
    return {"email": names[0], "email_verified": False} if names else {}
