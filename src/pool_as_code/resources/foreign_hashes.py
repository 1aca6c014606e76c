"""Reads password hashes in the notations of other systems into the service's form.

PHC strings (argon2, pbkdf2), passlib's pbkdf2, modular crypt (bcrypt, sha-crypt), RFC 2307 user passwords of LDAP, and
the service's own JSON. What is known but can not be carried over is refused by name. Nothing here computes a hash.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable

from ..core.values import parse_json
from .hash_configs import (
    DIGEST_SIZES,
    MAX_TEXT,
    Argon2Config,
    BcryptConfig,
    Md5Config,
    Pbkdf2Config,
    ShaConfig,
    UnsupportedHash,
    check,
    read_sha_crypt,
    readings,
)
from .stored_hash import StoredHash

_BASE64 = "[A-Za-z0-9+/._-]*={0,2}"
_ARGON2 = re.compile(
    rf"\$(argon2id|argon2i|argon2d)(?:\$v=([0-9]{{1,3}}))?\$([a-z]+=[^$,]*(?:,[a-z]+=[^$,]*)*)\$({_BASE64})\$({_BASE64})"
)
_PBKDF2 = re.compile(rf"\$pbkdf2(?:-(sha1|sha256|sha384|sha512))?\$([a-z0-9=,]+)\$({_BASE64})\$({_BASE64})")
_LDAP = re.compile(r"\{([A-Za-z0-9_-]{1,20})\}(.*)", re.DOTALL)
_NUMBER = re.compile("[0-9]{1,10}")

_KNOWN_FORMS = (
    "argon2 and pbkdf2 as PHC strings, $2b$ bcrypt, $5$ and $6$ sha-crypt, {SSHA} and its kin, or the JSON form"
)
_MUST_RESET = "declare the user without a password, so that it must be reset"
_REFUSED_PREFIXES = (
    (("$scrypt$", "$s0$", "$s1$", "$s2$", "$7$", "scrypt:", "{SCRYPT}"), "scrypt hashes can not be verified"),
    (("$y$", "$gy$"), "yescrypt hashes can not be verified"),
    (("$1$", "$apr1$", "$md5$"), "md5-crypt hashes are not supported"),
    (("$P$", "$H$"), "phpass hashes are not supported"),
    (("$2x$", "$2$"), "this early form of bcrypt is not supported"),
    (("{CLEARTEXT}", "{PLAIN}", "{CLEAR}"), "this is a password in clear text, not a hash"),
)


def read_hash(raw: object) -> StoredHash:
    """A hash as a manifest or a dump holds it: a text in any notation, or the service's form as a map."""
    return parse_foreign(raw) if isinstance(raw, str) else StoredHash.from_json(raw)


def parse_foreign(text: str) -> StoredHash:
    """Reads one hash. Raises UnsupportedHash, and nothing else whatever the text is; the text is never shown."""
    text = text.strip()
    check(len(text) <= MAX_TEXT, "the hash is too long")
    check(
        text.strip("#*") != "",
        "the hash is empty or blurred",
        "the service never shows hashes; take them from a full dump",
    )
    for prefixes, reason in _REFUSED_PREFIXES:
        check(not text.upper().startswith(tuple(p.upper() for p in prefixes)), reason, _MUST_RESET)
    for prefix, read in _READERS:
        if text.startswith(prefix):
            return read(text)
    raise UnsupportedHash("the hash has no known form", f"write it as one of: {_KNOWN_FORMS}")


def _parameters(text: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, int]:
    """`m=19456,t=2,p=1` -> numbers by name; each once, none unknown."""
    pairs = [pair.partition("=")[::2] for pair in text.split(",")]
    names = [name for name, _ in pairs]
    known = {*required, *optional}
    check(set(names) <= known, f"the hash has other parameters than {', '.join(sorted(known))}", _MUST_RESET)
    check(
        len(set(names)) == len(names) and set(required) <= set(names),
        f"the hash needs {', '.join(required)}, each once",
    )
    check(all(_NUMBER.fullmatch(number) for _, number in pairs), "a parameter of the hash is not a number")
    return {name: int(number) for name, number in pairs}


def _base64(text: str) -> bytes:
    """A part that a notation writes as base64 and nothing else."""
    check(len(text.rstrip("=")) % 4 != 1, "a part of the hash is not base64", "copy it unshortened")
    return list(readings(text))[-1] if text else b""


def _plain(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


def _argon2(text: str) -> StoredHash:
    found = _ARGON2.fullmatch(text)
    if not found:
        raise UnsupportedHash("the argon2 hash is not a complete PHC string", "$argon2id$v=19$m=..,t=..,p=..$salt$hash")
    variant, version, written, salt_text, tag_text = found.groups()
    numbers = _parameters(written, ("m", "t", "p"))
    salt, tag = _base64(salt_text), _base64(tag_text)
    config = Argon2Config(
        iterations=numbers["t"],
        memory_in_kb=numbers["m"],
        parallelism=numbers["p"],
        key_length=len(tag),
        salt=_plain(salt),
        salt_length=len(salt),
        variant=variant,
        version=int(version or 16),
    )
    return StoredHash(_plain(tag), config)


def _pbkdf2(text: str) -> StoredHash:
    """PHC writes `i=600000,l=32`, passlib the iterations alone and `.` for `+`."""
    found = _PBKDF2.fullmatch(text)
    if not found:
        raise UnsupportedHash(
            "the pbkdf2 hash is not complete", "$pbkdf2-sha256$i=..,l=..$salt$hash, or sha1, sha384, sha512"
        )
    function, written, salt_text, key_text = found.groups()
    numbers = _parameters(written if "=" in written else f"i={written}", ("i",), ("l",))
    salt, key = _base64(salt_text), _base64(key_text)
    check(numbers.get("l", len(key)) == len(key), "the pbkdf2 key does not have the length that the hash names")
    return StoredHash(_plain(key), Pbkdf2Config(function or "sha1", numbers["i"], len(key), _plain(salt), len(salt)))


def _bcrypt(text: str) -> StoredHash:
    cost = text[4:6]
    return StoredHash(text, BcryptConfig(int(cost) if _NUMBER.fullmatch(cost) else 0))


def _sha_crypt(text: str) -> StoredHash:
    return StoredHash(text, read_sha_crypt(text)[0])


def _ldap(text: str) -> StoredHash:
    """`{SSHA}` and kin: base64 of digest, then salt. Schemes that only wrap another notation are unwrapped."""
    found = _LDAP.fullmatch(text)
    if not found:
        return _json(text)
    scheme, rest = found[1].upper().replace("_", "-"), found[2]
    if scheme in ("CRYPT", "BCRYPT", "ARGON2", "BLF-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT"):
        check(rest.startswith("$"), "traditional crypt hashes are not supported", _MUST_RESET)
        return parse_foreign(rest)
    if scheme == "PBKDF2" or scheme.startswith("PBKDF2-SHA"):
        return parse_foreign(f"${scheme.lower()}${rest}")
    function, salted = _LDAP_SCHEMES.get(scheme, ("", False))
    check(
        function != "", "the LDAP scheme is not supported", f"supported are {', '.join(_LDAP_SCHEMES)} and crypt forms"
    )
    size = DIGEST_SIZES[function]
    hashed = next((raw for raw in readings(rest) if len(raw) == size or (salted and len(raw) > size)), b"")
    check(hashed != b"", "the LDAP hash is not base64 of the length that its scheme asks for", "copy it unshortened")
    salt = hashed[size:]
    if function == "md5":
        return StoredHash(_plain(hashed), Md5Config(_plain(salt), len(salt), bool(salt)))
    return StoredHash(_plain(hashed), ShaConfig(function, _plain(salt), len(salt), bool(salt)))


def _json(text: str) -> StoredHash:
    try:
        raw = parse_json(text)
    except ValueError:
        raise UnsupportedHash(
            "the hash is neither an LDAP scheme nor JSON", f"write it as one of: {_KNOWN_FORMS}"
        ) from None
    return StoredHash.from_json(raw)


_LDAP_SCHEMES = {
    "MD5": ("md5", False),
    "SMD5": ("md5", True),
    "SHA": ("sha1", False),
    "SSHA": ("sha1", True),
    **{f"SHA{bits}": (f"sha{bits}", False) for bits in (256, 384, 512)},
    **{f"SSHA{bits}": (f"sha{bits}", True) for bits in (256, 384, 512)},
}
_READERS: tuple[tuple[str, Callable[[str], StoredHash]], ...] = (
    ("$argon2", _argon2),
    ("$pbkdf2", _pbkdf2),
    ("$2", _bcrypt),
    ("$5$", _sha_crypt),
    ("$6$", _sha_crypt),
    ("{", _ldap),
)
