"""What a user starts with beside its settings: a password, an authenticator app, passkeys, an invitation.

None of it is part of the document: credentials and a message come of it, once, in the transaction that makes the user.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..core.errors import InvalidInput, Rejected
from ..core.secrets import Secret
from ..core.values import JsonMap, as_list, as_map, canonical, digest_bytes
from .attributes import PoolRules
from .directory import Directory

if TYPE_CHECKING:  # reading users, as a plan does, needs neither
    from . import messages
    from .credentials import Credential

ONLY_AT_CREATION = frozenset({"password", "totp", "passkeys", "invitation"})
"""The parts of a user's settings that this is about."""

INITIAL = "password.initial"
HASH = "password.hash"
TOTP = "totp.secret"


class NewUser(NamedTuple):
    """One user to make. `spec` in the manifests' vocabulary, references as ids; `secrets` by field path text."""

    id: str
    pool_id: str
    spec: JsonMap
    secrets: Mapping[str, Secret] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Start:
    """What one user starts with, checked: credentials (their times are set when they are written), and where to invite."""

    user_id: str
    pool_id: str
    pool_spec: JsonMap
    credentials: tuple[Credential, ...]
    invitation: messages.Draft | None


def check_start(new: NewUser, pool_spec: JsonMap) -> None:
    """Raises Rejected for a hash, secret or number of passkeys that can not be taken. Computes and writes nothing."""
    from ..resources.foreign_hashes import read_hash
    from .totp import parse_totp_secret

    unknown = set(new.secrets) - {INITIAL, HASH, TOTP}
    if unknown:
        raise Rejected(f"secrets that nobody knows: {', '.join(sorted(unknown))}")
    for word, names in (("password", {INITIAL, HASH}), ("totp", {TOTP})):
        if new.spec.get(word) and not names & set(new.secrets):
            raise Rejected(f"{word} is declared, and its secret was not handed over")
    try:
        if HASH in new.secrets:
            read_hash(new.secrets[HASH].reveal())
        if TOTP in new.secrets:
            parse_totp_secret(new.secrets[TOTP].reveal())
    except InvalidInput as error:
        raise Rejected(error.message, hint=error.hint) from error
    limit = as_map(pool_spec.get("poolLimits")).get("passkeysPerUser")
    if isinstance(limit, int) and len(as_list(new.spec.get("passkeys"))) > limit:
        raise Rejected(
            f"passkeys: a user of this pool may have {limit}", hint="poolLimits.passkeysPerUser sets the limit"
        )


def start_of(rules: PoolRules, new: NewUser, spec: JsonMap) -> Start | None:
    """What a user starts with; None for nothing. `spec` are its settings. Passwords that were not prepared are hashed here.

    Raises Rejected for what the pool refuses.
    """
    if not new.secrets and ONLY_AT_CREATION.isdisjoint(new.spec):
        return None
    check_start(new, rules.spec)
    made = [*_password(rules, new, spec), *_totp(rules, new), *_passkeys(new)]
    return Start(new.id, new.pool_id, rules.spec, tuple(made), _invitation(rules, new, spec))


def insert(directory: Directory, starts: Sequence[Start], moment: str) -> None:
    """Write what users start with; the users are there."""
    if not starts:
        return
    from . import credentials, messages

    written = []
    for start in starts:
        for one in start.credentials:
            expires = credentials.expiry(start.pool_spec, moment) if one.type == "password" else None
            written.append(one._replace(created_at=moment, updated_at=moment, expires_at=expires))
    if written:
        credentials.put(directory.db, written)
    for start in starts:
        if start.invitation is not None:
            messages.send_code(directory, start.invitation, start.pool_spec, moment)


def _password(rules: PoolRules, new: NewUser, spec: JsonMap) -> list[Credential]:
    if INITIAL in new.secrets:
        from .passwords import check_new, hash_new

        text = new.secrets[INITIAL].reveal()
        check_new(text, rules.spec, spec)
        stored = hash_new(rules.directory, text, rules.spec)
    elif HASH in new.secrets:
        from ..resources.foreign_hashes import read_hash

        stored = read_hash(new.secrets[HASH].reveal())
    else:
        return []
    declared = as_map(new.spec.get("password"))
    state = "valid"
    if declared.get("mustReset"):
        state = "must_be_reset"
    elif declared.get("mustChange"):
        state = "must_be_changed"
    return [_credential(new.id, "password", canonical(stored.to_json()).decode(), state=state)]


def _totp(rules: PoolRules, new: NewUser) -> list[Credential]:
    if TOTP not in new.secrets:
        return []
    from .totp import parse_totp_secret

    secret = parse_totp_secret(new.secrets[TOTP].reveal())
    sealed = rules.directory.keys(make=True).vault.seal(secret, totp_context(new.id))
    return [_credential(new.id, "totp", canonical({"sealed": sealed}).decode())]


def totp_context(user_id: str) -> str:
    """The record that a sealed authenticator secret is bound to."""
    return f"user/{user_id}/totp"


def _passkeys(new: NewUser) -> list[Credential]:
    made = []
    for record in as_list(new.spec.get("passkeys")):
        payload = canonical(record)
        given = as_map(record).get("id")
        made.append(_credential(new.id, "webauthn", payload.decode(), id=str(given or digest_bytes(payload))))
    return made


def _credential(user_id: str, type: str, payload: str, *, id: str = "", state: str = "valid") -> Credential:
    from .credentials import Credential

    return Credential(user_id, type, id, payload, state, "", "")


def _invitation(rules: PoolRules, new: NewUser, spec: JsonMap) -> messages.Draft | None:
    wanted = as_map(new.spec.get("invitation"))
    if wanted.get("send") != "onCreate":
        return None
    from . import messages

    if spec["status"] != "new":
        raise Rejected("an invitation is sent to users of status new only")
    messages.check_invitations_allowed(rules.spec)
    messages.check_return(str(wanted.get("returnTo") or ""))
    return messages.Draft(
        new.pool_id,
        new.id,
        "activation",
        messages.invitation_address(spec),
        via=str(wanted.get("via") or "link"),
        workspace=str(wanted.get("workspace") or ""),
        return_to=str(wanted.get("returnTo") or ""),
        once=f"activation/{new.id}",
    )
