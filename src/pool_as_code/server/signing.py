"""The key that access tokens are signed with: ES256, in a file beside the directory that only its owner reads."""

from __future__ import annotations

import hashlib
import os
import shlex
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import PoolAsCodeError
from ..core.values import JsonMap, canonical

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

ALGORITHM = "ES256"
KEY_VARIABLE = "POOL_AS_CODE_SIGNING_KEY"
_LONGEST = 16 * 1024


class SigningKeyUnusable(PoolAsCodeError):
    """When the signing key is malformed, readable by others or can not be written."""


class SigningKey:
    """A private key on the curve P-256, its public half as a JSON Web Key, and the key's id."""

    def __init__(self, private: EllipticCurvePrivateKey) -> None:
        self.private = private
        self.public: EllipticCurvePublicKey = private.public_key()
        numbers = self.public.public_numbers()
        point: JsonMap = {"crv": "P-256", "kty": "EC", "x": _base64(numbers.x), "y": _base64(numbers.y)}
        self.id = urlsafe_b64encode(hashlib.sha256(canonical(point)).digest()).decode().rstrip("=")  # RFC 7638
        self.jwk: JsonMap = {**point, "use": "sig", "alg": ALGORITHM, "kid": self.id}

    def __repr__(self) -> str:
        return f"SigningKey({self.id!r}, ******)"


def new_key() -> SigningKey:
    """A fresh key."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return SigningKey(ec.generate_private_key(ec.SECP256R1()))


def parse_key(pem: bytes, where: str) -> SigningKey:
    """A key in PEM. Raises SigningKeyUnusable."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SigningKeyUnusable(f"{where} is no signing key", hint="a private key on the curve P-256, in PEM")
    return SigningKey(key)


def kept_key(path: Path) -> SigningKey:
    """The key in this file, made when there is none. Raises SigningKeyUnusable."""
    for _ in range(2):
        try:
            return _read(path)
        except FileNotFoundError:
            _make(path)
        except OSError as error:
            raise SigningKeyUnusable(f"the signing key {path} can not be read: {error.strerror}") from error
    raise SigningKeyUnusable(f"the signing key {path} vanishes")


def _read(path: Path) -> SigningKey:
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        pem = file.read(_LONGEST)
    if os.name == "posix" and mode & 0o077:
        raise SigningKeyUnusable(
            f"the signing key {path} is open to others (mode {mode & 0o777:04o})",
            hint=f"chmod 600 {shlex.quote(str(path))}",
        )
    return parse_key(pem, f"the file {path}")


def _make(path: Path) -> None:
    """Write a new key under another name first, so that nobody ever reads half of one; the first of two writers wins."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = new_key().private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            os.write(descriptor, pem)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    except OSError as error:
        raise SigningKeyUnusable(f"the signing key {path} can not be written: {error.strerror}") from error


def _base64(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
