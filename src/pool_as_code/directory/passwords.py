"""New passwords: judged by the pool's policy and history, hashed by the pool's method, one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core.errors import InvalidInput, Rejected, StoreError
from ..core.secrets import Secret
from ..core.values import JsonMap, as_list, as_map, canonical
from ..resources.password_policy import check_password
from ..resources.stored_hash import StoredHash
from ..resources.user import IDENTIFIER_TYPES
from . import rows
from .directory import Directory
from .hashing import HashMethod, hash_many, hash_password, used_before
from .identifiers import typed
from .pool_choices import HASHING_METHOD
from .starting import INITIAL, NewUser, check_start

_METHODS: Mapping[str, HashMethod] = {"argon2": "argon2", "bcrypt": "bcrypt", "pbkdf2": "pbkdf2", "sha": "sha"}
_TYPES = frozenset(IDENTIFIER_TYPES)


def check_new(text: str, pool_spec: JsonMap, user_spec: JsonMap, earlier: Sequence[StoredHash] = ()) -> None:
    """Raises Rejected, with every rule that is broken and never the password. `earlier` starts with the newest."""
    policy = as_map(pool_spec.get("passwordPolicy"))
    problems = check_password(text, policy, known_words=known_words(user_spec))
    count = policy.get("history") or 0
    if not problems and isinstance(count, int) and used_before(text, earlier, count):
        problems = [f"The password is one of the last {count}."]
    if problems:
        raise Rejected(" ".join(problems), hint="the pool's passwordPolicy says what it must be")


def hash_new(directory: Directory, text: str, pool_spec: JsonMap) -> StoredHash:
    """A new hash by the pool's method. Raises Rejected for a text that can not be hashed."""
    try:
        return hash_password(text, method_of(pool_spec), directory.hash_parameters)
    except InvalidInput as error:
        raise Rejected(error.message, hint=error.hint) from error


def method_of(pool_spec: JsonMap) -> HashMethod:
    """The method for new hashes. Raises Rejected for one that does not exist."""
    word = as_map(pool_spec.get("passwordSettings")).get("hashingMethod") or HASHING_METHOD
    if word not in _METHODS:
        raise Rejected(f"passwordSettings.hashingMethod must be one of {', '.join(_METHODS)}")
    return _METHODS[str(word)]


def known_words(user_spec: JsonMap) -> list[str]:
    """What others know of a user, so that a password made of it is weak."""
    words = [value for value in as_map(user_spec.get("profile")).values() if isinstance(value, str)]
    for member in as_list(user_spec.get("identifiers")):
        found = typed(member, _TYPES)
        if found is not None:
            words += [found[1], found[1].partition("@")[0]]
    return words


def prepare(
    directory: Directory, new: Sequence[NewUser], pool_specs: Mapping[str, JsonMap]
) -> list[NewUser | StoreError]:
    """Users whose clear passwords have become hashes, or why one is refused. Nothing is written.

    `pool_specs` are pools as they will be, for those that do not exist yet or are about to change. All passwords are judged
    before the first is hashed; hashing uses every core.
    """
    found: list[NewUser | StoreError] = list(new)
    to_hash: dict[HashMethod, list[tuple[int, NewUser, str]]] = {}
    specs: dict[str, JsonMap] = dict(pool_specs)
    for index, user in enumerate(new):
        try:
            if user.secrets and user.pool_id not in specs:
                specs[user.pool_id] = rows.require(directory.db, "pool", user.pool_id).spec
            check_start(user, specs.get(user.pool_id, {}))
            if INITIAL in user.secrets:
                text = user.secrets[INITIAL].reveal()
                check_new(text, specs[user.pool_id], user.spec)
                to_hash.setdefault(method_of(specs[user.pool_id]), []).append((index, user, text))
        except StoreError as error:
            found[index] = error
    for method, several in to_hash.items():
        for (index, user, _), stored in zip(several, _hashed(directory, method, several), strict=True):
            found[index] = stored if isinstance(stored, StoreError) else _with_hash(user, stored)
    return found


def _hashed(
    directory: Directory, method: HashMethod, several: Sequence[tuple[int, NewUser, str]]
) -> Sequence[StoredHash | StoreError]:
    try:
        return hash_many([text for _, _, text in several], method, directory.hash_parameters)
    except InvalidInput:  # one of them can not be hashed: find which
        return [_or_refused(directory, method, text) for _, _, text in several]


def _or_refused(directory: Directory, method: HashMethod, text: str) -> StoredHash | StoreError:
    try:
        return hash_password(text, method, directory.hash_parameters)
    except InvalidInput as error:
        return Rejected(error.message, hint=error.hint)


def _with_hash(user: NewUser, stored: StoredHash) -> NewUser:
    secrets = {name: secret for name, secret in user.secrets.items() if name != INITIAL}
    secrets["password.hash"] = Secret(canonical(stored.to_json()).decode())
    return user._replace(secrets=secrets)
