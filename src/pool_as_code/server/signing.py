"""The keys that tokens are signed with (ES256): one that signs, and those before it, whose tokens are still in force. As PEM: a
private key signs, public ones only verify, until the moment that stands in front of them."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from ..core.clock import canonical_time, format_time, parse_time
from ..core.errors import PoolAsCodeError
from ..core.values import JsonMap, JsonValue, canonical

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

ALGORITHM = "ES256"
KEY_VARIABLE = "POOL_AS_CODE_SIGNING_KEY"
MOST = 20
"""So many keys at most stand in one text."""
_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]{1,40})-----.*?-----END \1-----", re.DOTALL)
_ABOUT = re.compile(rb"^(Made|Until): *(\S{1,40}) *\r?$", re.MULTILINE)
_BESIDE = b"EC PARAMETERS"
"""What `openssl ecparam` writes in front of a key."""


class SigningKeyUnusable(PoolAsCodeError):
    """When a signing key is malformed, readable by others or can not be written."""


class VerifyingKey:
    """A public key on the curve P-256, as a JSON Web Key, and its id."""

    def __init__(self, public: EllipticCurvePublicKey) -> None:
        self.public = public
        numbers = public.public_numbers()
        point: JsonMap = {"crv": "P-256", "kty": "EC", "x": _base64(numbers.x), "y": _base64(numbers.y)}
        self.id = urlsafe_b64encode(hashlib.sha256(canonical(point)).digest()).decode().rstrip("=")  # RFC 7638
        self.jwk: JsonMap = {**point, "use": "sig", "alg": ALGORITHM, "kid": self.id}


class SigningKey(VerifyingKey):
    """The same with its private half."""

    def __init__(self, private: EllipticCurvePrivateKey) -> None:
        super().__init__(private.public_key())
        self.private = private

    def __repr__(self) -> str:
        return f"SigningKey({self.id!r}, ******)"


class Retired(NamedTuple):
    """A key that signs no more. `until` (seconds of the epoch) its tokens are good; None: as long as it stands there."""

    key: VerifyingKey
    until: float | None = None

    def counts(self, moment: float) -> bool:
        """Whether tokens of it are good."""
        return self.until is None or self.until > moment


class Keys(NamedTuple):
    """All keys of a server. `made` is when the signing one was, 0 where nobody says it."""

    signing: SigningKey
    retired: tuple[Retired, ...] = ()
    made: float = 0

    def find(self, id: str, moment: float) -> EllipticCurvePublicKey | None:
        """The key of this id, if its tokens are good."""
        if id == self.signing.id:
            return self.signing.public
        return next((one.key.public for one in self.retired if one.key.id == id and one.counts(moment)), None)

    def published(self, moment: float) -> list[JsonValue]:
        """The key set (RFC 7517): the one that signs first."""
        return [self.signing.jwk, *(one.key.jwk for one in self.retired if one.counts(moment))]


KeySource = Callable[[], Keys]
"""The keys as they are now: the same value while nothing changes."""


def fixed(key: SigningKey) -> KeySource:
    """One key for as long as the process runs."""
    keys = Keys(key)
    return lambda: keys


def new_key() -> SigningKey:
    """A fresh key."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return SigningKey(ec.generate_private_key(ec.SECP256R1()))


def parse_keys(pem: bytes, where: str) -> Keys:
    """The keys of a text: the first private one signs. Raises SigningKeyUnusable."""
    signing: SigningKey | None = None
    retired: list[Retired] = []
    made, at = 0.0, 0
    for block in _BLOCK.finditer(pem):
        about = {name: _moment(text, where) for name, text in _ABOUT.findall(pem[at : block.start()])}
        at = block.end()
        if block[1] == _BESIDE:
            continue
        key = _parsed(block[0], where)
        if signing is None and isinstance(key, SigningKey):
            signing, made = key, about.get(b"Made", 0.0)
        else:
            retired.append(Retired(key, about.get(b"Until")))
    if signing is None or len(retired) >= MOST:
        raise _unusable(where)
    return Keys(signing, tuple(one for one in retired if one.key.id != signing.id), made)


def written(keys: Keys) -> bytes:
    """The text of keys, as `parse_keys` reads it. Of one that signs no more only the public half is kept."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    parts = [f"Made: {_text(keys.made)}\n".encode()] if keys.made else []
    parts.append(keys.signing.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for one in keys.retired:
        if one.until is not None:
            parts.append(f"Until: {_text(one.until)}\n".encode())
        parts.append(one.key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return b"".join(parts)


def _parsed(block: bytes, where: str) -> VerifyingKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    try:
        key = load_pem_public_key(block) if b"BEGIN PUBLIC KEY" in block else load_pem_private_key(block, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _unusable(where) from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return SigningKey(key)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return VerifyingKey(key)
    raise _unusable(where)


def _unusable(where: str) -> SigningKeyUnusable:
    hint = "a private key on the curve P-256, in PEM; public ones of earlier keys may follow"
    return SigningKeyUnusable(f"{where} is no signing key", hint=hint)


def _moment(text: bytes, where: str) -> float:
    try:
        return parse_time(canonical_time(text.decode("ascii"))).timestamp()
    except (ValueError, OverflowError):
        raise SigningKeyUnusable(f"{where} holds a time that is none", hint="Until: 2026-01-01T00:00:00Z") from None


def _text(moment: float) -> str:
    return format_time(datetime.fromtimestamp(int(moment), UTC))


def _base64(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
