"""Makes and verifies password hashes.

How a hash is written down is known to `resources/stored_hash.py`; what a password must be like to
`resources/password_policy.py`. Passwords are taken as they are typed, in UTF-8 and not normalised: hashes that come
from elsewhere were made so.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from hmac import compare_digest

from ..core.errors import InvalidInput
from ..core.progress import told
from ..resources.foreign_hashes import parse_foreign, read_hash
from ..resources.hash_configs import (
    MAX_ARGON2_MEMORY_KIB,
    MAX_ARGON2_PARALLELISM,
    MAX_ARGON2_WORK_KIB,
    MAX_BCRYPT_COST,
    MAX_PBKDF2_ITERATIONS,
    Argon2Config,
    BcryptConfig,
    HashMethod,
    Md5Config,
    Pbkdf2Config,
    ShaConfig,
    UnsupportedHash,
    function_name,
)
from ..resources.stored_hash import StoredHash, service_can_hold
from .sha_crypt import sha_crypt_digest

__all__ = [
    "DEFAULT_PARAMETERS",
    "TEST_PARAMETERS",
    "HashMethod",
    "HashParameters",
    "PasswordUnhashable",
    "StoredHash",
    "UnsupportedHash",
    "hash_many",
    "hash_password",
    "needs_rehash",
    "parse_foreign",
    "read_hash",
    "service_can_hold",
    "used_before",
    "verify_password",
]

MAX_PASSWORD_BYTES = 4096
_BCRYPT_BYTES = 72
_SALT_BYTES = 16
_KEY_BYTES = 32
_BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class PasswordUnhashable(InvalidInput):
    """When a password can not be hashed without changing it. `position` counts from 0 in `hash_many`."""

    def __init__(self, reason: str, hint: str = "", position: int = 0) -> None:
        super().__init__(reason, hint=hint)
        self.position = position


@dataclass(frozen=True, slots=True)
class HashParameters:
    """What new hashes cost.

    | method | default                                      | source                      |
    | ------ | -------------------------------------------- | --------------------------- |
    | argon2 | argon2id, 19 MiB, 2 iterations, 1 lane       | OWASP password storage      |
    | bcrypt | cost 12                                      | OWASP asks for 10 or more   |
    | pbkdf2 | HMAC-SHA-256, 600,000 iterations             | OWASP password storage      |
    | sha    | SHA-512 over password and 16 bytes of salt   | weak: billions of guesses a |
    |        |                                              | second; exists since the    |
    |        |                                              | service offers it           |

    Configuration goes through `raised`, which never lowers a default. Costs above what `parse_foreign` accepts are a
    ValueError.
    """

    argon2_memory_kib: int = 19 * 1024
    argon2_iterations: int = 2
    argon2_parallelism: int = 1
    bcrypt_cost: int = 12
    pbkdf2_iterations: int = 600_000

    def __post_init__(self) -> None:
        lanes = self.argon2_parallelism
        within = (
            1 <= lanes <= MAX_ARGON2_PARALLELISM
            and 8 * lanes <= self.argon2_memory_kib <= MAX_ARGON2_MEMORY_KIB
            and 1 <= self.argon2_iterations <= MAX_ARGON2_WORK_KIB // self.argon2_memory_kib
            and 4 <= self.bcrypt_cost <= MAX_BCRYPT_COST
            and 1 <= self.pbkdf2_iterations <= MAX_PBKDF2_ITERATIONS
        )
        if not within:
            raise ValueError("hash parameters outside of what can be verified")

    @classmethod
    def raised(cls, **wanted: int) -> HashParameters:
        """The defaults with some of them higher; InvalidInput names one that is unknown, lower or too high."""
        floor = asdict(DEFAULT_PARAMETERS)
        for name, cost in wanted.items():
            if name not in floor:
                raise InvalidInput(f"{name} is no hash parameter", hint=f"one of {', '.join(floor)}")
            if cost < floor[name]:
                raise InvalidInput(f"{name} is below {floor[name]}", hint="hash parameters can only be raised")
        try:
            return replace(DEFAULT_PARAMETERS, **wanted)
        except ValueError as error:
            raise InvalidInput(str(error), hint="lower the parameter; a sign-in would take seconds") from error


DEFAULT_PARAMETERS = HashParameters()
TEST_PARAMETERS = HashParameters(
    argon2_memory_kib=8, argon2_iterations=1, argon2_parallelism=1, bcrypt_cost=4, pbkdf2_iterations=1000
)
"""For tests alone, handed over as an argument; nothing in the product names it."""


def hash_password(text: str, method: HashMethod, parameters: HashParameters = DEFAULT_PARAMETERS) -> StoredHash:
    """A new hash with a random salt. Raises PasswordUnhashable."""
    secret = _hashable(text, method)
    salt = os.urandom(_SALT_BYTES)
    if method == "bcrypt":
        import bcrypt

        value = bcrypt.hashpw(secret, bcrypt.gensalt(parameters.bcrypt_cost))
        return StoredHash(value.decode("ascii"), BcryptConfig(parameters.bcrypt_cost))
    if method == "sha":
        value = hashlib.sha512(secret + salt).digest() + salt
        return StoredHash(
            _base64(value), ShaConfig("sha512", _base64(salt), _SALT_BYTES, salt_after_digest_in_hash=True)
        )
    config: Argon2Config | Pbkdf2Config
    if method == "argon2":
        config = Argon2Config(
            iterations=parameters.argon2_iterations,
            memory_in_kb=parameters.argon2_memory_kib,
            parallelism=parameters.argon2_parallelism,
            key_length=_KEY_BYTES,
            salt=_base64(salt),
            salt_length=_SALT_BYTES,
        )
        return StoredHash(_base64(_argon2(secret, config, salt, _KEY_BYTES)), config)
    config = Pbkdf2Config("sha256", parameters.pbkdf2_iterations, _KEY_BYTES, _base64(salt), _SALT_BYTES)
    return StoredHash(_base64(_pbkdf2(secret, config, salt, _KEY_BYTES)), config)


def hash_many(
    texts: Iterable[str],
    method: HashMethod,
    parameters: HashParameters = DEFAULT_PARAMETERS,
    workers: int | None = None,
) -> list[StoredHash]:
    """A hash for each text, in order, on as many threads as there are cores (the libraries release the lock). One sha
    takes less time than handing it to a thread, so these stay on the caller's.

    All texts are looked at before the first is hashed: PasswordUnhashable carries the `position` of the first bad one.
    """
    passwords = list(texts)
    for position, text in enumerate(passwords):
        try:
            _hashable(text, method)
        except PasswordUnhashable as error:
            raise PasswordUnhashable(error.message, error.hint, position) from None
    width = min(workers or _cores(), len(passwords))
    if width <= 1 or method == "sha":
        return [hash_password(text, method, parameters) for text in told("hashing", passwords, len(passwords))]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(width, thread_name_prefix="hash") as pool:
        hashes = pool.map(lambda text: hash_password(text, method, parameters), passwords)
        return list(told("hashing", hashes, len(passwords)))


def verify_password(text: str, stored: StoredHash) -> bool:
    """Whether the text is the password, compared in constant time. What can be no password is not: nothing is raised.

    bcrypt knows the first 72 bytes only. `hash_password` refuses longer ones; hashes from elsewhere were made by
    cutting, so it is cut here too.
    """
    try:
        secret = text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    if len(secret) > MAX_PASSWORD_BYTES:
        return False
    expected, salt = stored.parts()
    match stored.config:
        case BcryptConfig():
            return b"\0" not in secret and _bcrypt_matches(secret[:_BCRYPT_BYTES], stored.value)
        case Argon2Config() as config:
            computed = _argon2(secret, config, salt, len(expected))
        case Pbkdf2Config() as config:
            computed = _pbkdf2(secret, config, salt, len(expected))
        case ShaConfig(variant="crypt") as config:
            computed = sha_crypt_digest(secret, function_name(config.function), salt, config.rounds)
        case ShaConfig() as config:
            computed = hashlib.new(function_name(config.function), secret + salt, usedforsecurity=False).digest()
        case Md5Config():
            computed = hashlib.new("md5", secret + salt, usedforsecurity=False).digest()
    return compare_digest(expected, computed)


def needs_rehash(stored: StoredHash, method: HashMethod, parameters: HashParameters = DEFAULT_PARAMETERS) -> bool:
    """Whether a hash is of another method than the pool's, or cheaper than the parameters ask for. Dearer ones stay."""
    expected, salt = stored.parts()
    match stored.config:
        case Argon2Config() as config if method == "argon2":
            cheaper = (
                config.memory_in_kb < parameters.argon2_memory_kib or config.iterations < parameters.argon2_iterations
            )
            outdated = config.variant != "argon2id" or config.version != 19
            return cheaper or outdated or len(expected) < _KEY_BYTES or len(salt) < _SALT_BYTES
        case BcryptConfig() if method == "bcrypt":
            return int(stored.value[4:6]) < parameters.bcrypt_cost
        case Pbkdf2Config() as config if method == "pbkdf2":
            if function_name(config.function) not in ("sha256", "sha384", "sha512"):
                return True
            cheaper = config.number_of_iterations < parameters.pbkdf2_iterations
            return cheaper or len(expected) < _KEY_BYTES or len(salt) < _SALT_BYTES
        case ShaConfig(variant="crypt") if method == "sha":
            return False
        case ShaConfig() as config if method == "sha":
            return function_name(config.function) != "sha512" or len(salt) < _SALT_BYTES
    return True


def used_before(text: str, stored: Sequence[StoredHash], count: int) -> bool:
    """Whether the text is one of the newest `count` passwords. `stored` starts with the newest; 0 = no history."""
    return any(verify_password(text, one) for one in stored[: max(count, 0)])


def _hashable(text: str, method: HashMethod) -> bytes:
    """The bytes to hash. Errors say nothing that the password holds."""
    try:
        secret = text.encode("utf-8")
    except UnicodeEncodeError:
        raise PasswordUnhashable("the password is not valid text", "it holds half of a surrogate pair") from None
    if not secret:
        raise PasswordUnhashable("the password is empty")
    if len(secret) > MAX_PASSWORD_BYTES:
        raise PasswordUnhashable(f"the password is longer than {MAX_PASSWORD_BYTES} bytes")
    if method == "bcrypt" and len(secret) > _BCRYPT_BYTES:
        raise PasswordUnhashable(
            f"the password is longer than {_BCRYPT_BYTES} bytes, and bcrypt ignores what follows",
            "shorten it, or let the pool hash with argon2",
        )
    if method == "bcrypt" and b"\0" in secret:
        raise PasswordUnhashable("the password holds a NUL character, which bcrypt can not hash")
    return secret


def _argon2(secret: bytes, config: Argon2Config, salt: bytes, length: int) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    variants = {"argon2id": Type.ID, "argon2i": Type.I, "argon2d": Type.D}
    return hash_secret_raw(
        secret,
        salt,
        time_cost=config.iterations,
        memory_cost=config.memory_in_kb,
        parallelism=config.parallelism,
        hash_len=length,
        type=variants[config.variant],
        version=config.version,
    )


def _pbkdf2(secret: bytes, config: Pbkdf2Config, salt: bytes, length: int) -> bytes:
    return hashlib.pbkdf2_hmac(function_name(config.function), secret, salt, config.number_of_iterations, length)


def _bcrypt_matches(secret: bytes, value: str) -> bool:
    """Compares after clearing the unused low bits of the last salt and digest character, which some programs set."""
    import bcrypt

    salt = value[7:28] + _cleared(value[28], 4)
    computed = bcrypt.hashpw(secret, f"$2b${value[4:6]}${salt}".encode("ascii")).decode("ascii")
    return compare_digest(computed[29:59] + _cleared(computed[59], 2), value[29:59] + _cleared(value[59], 2))


def _cleared(character: str, bits: int) -> str:
    return _BCRYPT_ALPHABET[_BCRYPT_ALPHABET.index(character) >> bits << bits]


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
