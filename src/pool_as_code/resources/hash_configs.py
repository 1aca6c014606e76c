"""What the service keeps beside a password hash, one class per method, and how value and salt are decoded and bounded.

The service names the fields and is silent on how they are written. What stands here is the safest assumption:

| field            | read as                                                                                  |
| ---------------- | ---------------------------------------------------------------------------------------- |
| `value`, `salt`  | base64 (with or without padding, URL-safe too) or hex; the length fields tell them apart |
| bcrypt `value`   | modular crypt form, `$2b$12$...`                                                         |
| sha, md5 `value` | digest and salt in one; `salt_after_digest_in_hash` says which comes first. Digest alone |
|                  | with `salt` beside it is accepted. The digest is taken over password, then salt          |
| `function`       | `sha256`, `sha512`, `sha1`, `sha384`, also spelled `SHA-256` and the like                |
| argon2           | argon2id, version 19                                                                     |

Two pairs of fields are ours, for what a local directory verifies and the service can not hold: argon2 `variant` and
`version`, sha `variant: crypt` with `rounds`. Nothing here computes a hash.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from ..core.errors import InvalidInput

HashMethod = Literal["argon2", "bcrypt", "pbkdf2", "sha"]
"""What a pool may choose for new hashes. Stored ones may be `md5` too."""
HASH_METHODS: tuple[HashMethod, ...] = get_args(HashMethod)

# One verification never costs more than some seconds and 1 GiB: a hash is input, and whoever wrote it may mean harm.
MAX_ARGON2_MEMORY_KIB = 1024 * 1024
MAX_ARGON2_WORK_KIB = 8 * 1024 * 1024  # memory times iterations
MAX_ARGON2_PARALLELISM = 64
MAX_BCRYPT_COST = 16
MAX_PBKDF2_ITERATIONS = 10_000_000  # times the number of blocks that the key length asks for
MAX_CRYPT_ROUNDS = 1_000_000
MIN_KEY_LENGTH = 12  # bytes; a shorter one is found by trying
MAX_TEXT = 4096

DIGEST_SIZES = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
_FUNCTIONS = ("sha1", "sha256", "sha384", "sha512")
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}", re.ASCII)
_SHA_CRYPT = re.compile(
    r"\$([56])\$(?:rounds=([0-9]{1,9})\$)?([./A-Za-z0-9]{0,16})\$([./A-Za-z0-9]{43}|[./A-Za-z0-9]{86})"
)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_TO_BASE64 = str.maketrans("-_.", "+/+")


class UnsupportedHash(InvalidInput):
    """When a password hash can not be read, verified or is too costly. Neither text shows any part of it."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.reason = reason


def function_name(text: str) -> str:
    """`SHA-256`, `HmacSHA256`, `PBKDF2WithHmacSHA256`, `sha256` -> `sha256`. Not checked against what exists."""
    return re.sub("[^a-z0-9]|^pbkdf2(?:with)?|hmac", "", text.lower())


def readings(text: str) -> Iterator[bytes]:
    """The bytes that a text may stand for: as hex, then as base64 in any of its alphabets."""
    if _HEX.fullmatch(text):
        yield bytes.fromhex(text)
    bare = text.rstrip("=").translate(_TO_BASE64)
    try:
        yield b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        return


def _of_length(text: str, lengths: Collection[int], what: str) -> bytes:
    """The reading that has one of these lengths."""
    for reading in readings(text):
        if len(reading) in lengths:
            return reading
    raise UnsupportedHash(f"the {what} is neither base64 nor hex of the expected length", "copy it unshortened")


def _salt(text: str, length: int) -> bytes:
    """The salt's bytes. Without a length, hex is believed from 16 digits on; the text itself is the last reading."""
    if length:
        raw = text.encode("utf-8", "surrogatepass")
        return raw if len(raw) == length else _of_length(text, (length,), "salt")
    for reading in readings(text):
        if not _HEX.fullmatch(text) or len(text) >= 16 or len(reading) * 2 != len(text):
            return reading
    raise UnsupportedHash("the salt is neither base64 nor hex", "write salt_length beside it if it is plain text")


def check(holds: bool, reason: str, hint: str = "") -> None:
    """Raises UnsupportedHash when it does not hold."""
    if not holds:
        raise UnsupportedHash(reason, hint)


def _check_function(name: str, method: str) -> str:
    function = function_name(name)
    check(function in _FUNCTIONS, f"the {method} function is not one of {', '.join(_FUNCTIONS)}")
    return function


def _split(raw: bytes, size: int, salt: bytes, salt_first: bool) -> tuple[bytes, bytes]:
    """Digest and salt of a value that holds both, or the digest alone."""
    if len(raw) == size:
        return raw, salt
    digest, inner = (raw[-size:], raw[:-size]) if salt_first else (raw[:size], raw[size:])
    check(not salt or salt == inner, "the salt in the value and the salt beside it differ")
    return digest, inner


def _salted(value: str, size: int, salt_text: str, salt_length: int, salt_first: bool) -> tuple[bytes, bytes]:
    """Digest and salt of a sha or md5 hash; the salt may stand in the value, beside it, in both, or not exist."""
    salt = _salt(salt_text, salt_length) if salt_text else b""
    known = len(salt) or salt_length
    lengths = (size, size + known) if known else range(size, size + 257)
    raw = _of_length(value, lengths, "value")
    check(len(raw) != size or len(salt) == known, "the salt is missing")
    return _split(raw, size, salt, salt_first)


@dataclass(frozen=True, slots=True, repr=False)
class BcryptConfig:
    """`cost`: base-2 logarithm of the rounds; 0 = read it from the value."""

    cost: int = 0

    method: ClassVar[str] = "bcrypt"
    ours: ClassVar[frozenset[str]] = frozenset()

    def parts(self, value: str) -> tuple[bytes, bytes]:
        """The whole value and no salt (it stands inside)."""
        found = _BCRYPT.fullmatch(value)
        if not found:
            raise UnsupportedHash(
                "the bcrypt value is not in modular crypt form", "it looks like $2b$12$, then 53 characters"
            )
        cost = int(found[1])
        check(4 <= cost <= MAX_BCRYPT_COST, f"the bcrypt cost is not within 4 to {MAX_BCRYPT_COST}")
        check(self.cost in (0, cost), "the bcrypt cost in the value and the one beside it differ")
        return value.encode("ascii"), b""


@dataclass(frozen=True, slots=True, repr=False)
class Pbkdf2Config:
    """HMAC `function`; `key_length` and `salt_length` in bytes, 0 = not said."""

    function: str = ""
    number_of_iterations: int = 0
    key_length: int = 0
    salt: str = ""
    salt_length: int = 0

    method: ClassVar[str] = "pbkdf2"
    ours: ClassVar[frozenset[str]] = frozenset()

    def parts(self, value: str) -> tuple[bytes, bytes]:
        """Derived key and salt."""
        size = DIGEST_SIZES[_check_function(self.function, "pbkdf2")]
        lengths = (self.key_length,) if self.key_length else range(MIN_KEY_LENGTH, MAX_TEXT)
        key = _of_length(value, lengths, "value")
        check(len(key) >= MIN_KEY_LENGTH, f"the pbkdf2 key is shorter than {MIN_KEY_LENGTH} bytes")
        check(self.number_of_iterations >= 1, "the pbkdf2 iterations are missing")
        work = self.number_of_iterations * -(-len(key) // size)
        check(work <= MAX_PBKDF2_ITERATIONS, f"pbkdf2 with more than {MAX_PBKDF2_ITERATIONS:,} iterations is refused")
        return key, _salt(self.salt, self.salt_length) if self.salt or self.salt_length else b""


@dataclass(frozen=True, slots=True, repr=False)
class Argon2Config:
    """Memory in KiB, lengths in bytes (0 = not said); `variant` and `version` are ours."""

    iterations: int = 0
    memory_in_kb: int = 0
    parallelism: int = 0
    key_length: int = 0
    salt: str = ""
    salt_length: int = 0
    variant: str = "argon2id"
    version: int = 19

    method: ClassVar[str] = "argon2"
    ours: ClassVar[frozenset[str]] = frozenset({"variant", "version"})

    def parts(self, value: str) -> tuple[bytes, bytes]:
        """Tag and salt."""
        check(
            self.variant in ("argon2id", "argon2i", "argon2d"), "the argon2 variant is not argon2id, argon2i or argon2d"
        )
        check(self.version in (16, 19), "the argon2 version is neither 16 nor 19")
        check(1 <= self.parallelism <= MAX_ARGON2_PARALLELISM, "the argon2 parallelism is not within 1 to 64")
        check(self.iterations >= 1, "the argon2 iterations are missing")
        check(self.memory_in_kb >= 8 * self.parallelism, "the argon2 memory is less than 8 KiB per lane")
        check(self.memory_in_kb <= MAX_ARGON2_MEMORY_KIB, "argon2 with more than 1 GiB of memory is refused")
        check(
            self.memory_in_kb * self.iterations <= MAX_ARGON2_WORK_KIB,
            "argon2 with more than 8 GiB of memory times iterations is refused",
        )
        lengths = (self.key_length,) if self.key_length else range(MIN_KEY_LENGTH, MAX_TEXT)
        tag = _of_length(value, lengths, "value")
        check(len(tag) >= MIN_KEY_LENGTH, f"the argon2 tag is shorter than {MIN_KEY_LENGTH} bytes")
        salt = _salt(self.salt, self.salt_length)
        check(len(salt) >= 8, "the argon2 salt is shorter than 8 bytes")
        return tag, salt


@dataclass(frozen=True, slots=True, repr=False)
class ShaConfig:
    """One digest over password and salt, or sha-crypt (`variant: crypt`, ours), whose value is the whole `$5$` text."""

    function: str = ""
    salt: str = ""
    salt_length: int = 0
    salt_after_digest_in_hash: bool = False
    variant: str = ""
    rounds: int = 0

    method: ClassVar[str] = "sha"
    ours: ClassVar[frozenset[str]] = frozenset({"variant", "rounds"})

    def parts(self, value: str) -> tuple[bytes, bytes]:
        """Digest and salt; of sha-crypt in its own alphabet."""
        function = _check_function(self.function, "sha")
        check(self.variant in ("", "crypt"), "the sha variant is not crypt")
        if self.variant == "crypt":
            config, digest = read_sha_crypt(value)
            same = (config.function, config.rounds) == (function, self.rounds)
            check(same, "the function or rounds in the value and beside it differ")
            return digest, config.salt.encode("ascii")
        salt_first = not self.salt_after_digest_in_hash
        return _salted(value, DIGEST_SIZES[function], self.salt, self.salt_length, salt_first)


@dataclass(frozen=True, slots=True, repr=False)
class Md5Config:
    """One digest over password and salt; never made here, only verified."""

    salt: str = ""
    salt_length: int = 0
    salt_after_digest_in_hash: bool = False

    method: ClassVar[str] = "md5"
    ours: ClassVar[frozenset[str]] = frozenset()

    def parts(self, value: str) -> tuple[bytes, bytes]:
        """Digest and salt."""
        return _salted(value, DIGEST_SIZES["md5"], self.salt, self.salt_length, not self.salt_after_digest_in_hash)


def read_sha_crypt(text: str) -> tuple[ShaConfig, bytes]:
    """The configuration and the encoded digest of a `$5$` or `$6$` text (5000 rounds when it names none)."""
    found = _SHA_CRYPT.fullmatch(text)
    if not found or len(found[4]) != (43 if found[1] == "5" else 86):
        raise UnsupportedHash("the sha-crypt text is not complete", "copy it unshortened")
    rounds = int(found[2]) if found[2] else 5000
    check(1000 <= rounds <= MAX_CRYPT_ROUNDS, f"sha-crypt rounds are not within 1,000 to {MAX_CRYPT_ROUNDS:,}")
    function = "sha256" if found[1] == "5" else "sha512"
    config = ShaConfig(function, found[3], len(found[3]), variant="crypt", rounds=rounds)
    return config, found[4].encode("ascii")


HashConfig = BcryptConfig | Pbkdf2Config | Argon2Config | ShaConfig | Md5Config
CONFIGS: tuple[type[HashConfig], ...] = (BcryptConfig, Pbkdf2Config, Argon2Config, ShaConfig, Md5Config)
