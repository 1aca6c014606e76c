"""Keeps two-factor secrets encrypted at rest: AES-256-GCM, and the key beside the database or in the environment.

Passwords do not belong here: they are hashed, not encrypted.
"""

from __future__ import annotations

import os
import shlex
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from ..core.errors import PoolAsCodeError

KEY_VARIABLE = "POOL_AS_CODE_DIRECTORY_KEY"
KEY_BYTES = 32
_VERSION = "v1:"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_MAKE_KEY = "python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"


class VaultKeyUnusable(PoolAsCodeError):
    """When the key of a directory is missing, malformed, readable by others or can not be written."""


class SealBroken(PoolAsCodeError):
    """When a sealed secret was altered, moved to another record or made with another key."""


class Vault:
    """Seals and opens small secrets. `context` names the record they belong to (such as `user/ID/totp`): a sealed text
    copied to another record does not open. The key never shows in repr, errors or sealed texts."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(key) != KEY_BYTES:
            raise VaultKeyUnusable(f"the directory's key does not have {KEY_BYTES} bytes")
        self._cipher = AESGCM(key)

    def seal(self, plaintext: bytes, context: str) -> str:
        """`v1:` and base64 of nonce, ciphertext and tag; another text each time."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + b64encode(nonce + self._cipher.encrypt(nonce, plaintext, _bound(context))).decode("ascii")

    def open(self, sealed: str, context: str) -> bytes:
        """What was sealed under the same context. Raises SealBroken."""
        from cryptography.exceptions import InvalidTag

        if not sealed.startswith(_VERSION):
            raise SealBroken("a sealed secret has an unknown version", hint="it was written by a newer pool-as-code")
        try:
            raw = b64decode(sealed[len(_VERSION) :], validate=True)
        except ValueError:
            raise SealBroken("a sealed secret is damaged", hint="restore the database from a backup") from None
        if len(raw) < _NONCE_BYTES + _TAG_BYTES:
            raise SealBroken("a sealed secret is damaged", hint="restore the database from a backup")
        try:
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound(context))
        except InvalidTag:
            raise SealBroken(
                "a sealed secret does not open: another key, another record, or altered",
                hint=f"use the key that this database was written with ({KEY_VARIABLE} or the .key file beside it)",
            ) from None


def load_key(path: Path, environ: Mapping[str, str]) -> bytes | None:
    """The key from the environment, else from the key file; None where there is neither. Writes nothing.

    Raises VaultKeyUnusable.
    """
    key = key_of_environment(environ)
    if key is not None:
        return key
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(KEY_BYTES * 4)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VaultKeyUnusable(f"the key file {path} can not be read: {error.strerror}") from error
    if os.name == "posix" and mode & 0o077:
        raise VaultKeyUnusable(
            f"the key file {path} is open to others (mode {mode & 0o777:04o})",
            hint=f"chmod 600 {shlex.quote(str(path))}",
        )
    return _decoded(text, f"the key file {path}")


def key_of_environment(environ: Mapping[str, str]) -> bytes | None:
    """The key from the environment, None where it holds none. Raises VaultKeyUnusable."""
    return _decoded(environ[KEY_VARIABLE], KEY_VARIABLE) if KEY_VARIABLE in environ else None


def missing_key() -> VaultKeyUnusable:
    """For a directory whose key can only come from the environment."""
    return VaultKeyUnusable(
        f"the directory needs a key to seal two-factor secrets and codes with, and {KEY_VARIABLE} is not set",
        hint="make one, once, keep it with your other secrets, and set it wherever this directory is written:"
        f"\nexport {KEY_VARIABLE}=$({_MAKE_KEY})",
    )


def load_or_create_key(path: Path, environ: Mapping[str, str]) -> bytes:
    """The key, made when there is none yet: call it before the first write of a secret, not earlier.

    The file appears whole or not at all, with mode 0600; of two processes that make it at once, both get the same key.
    """
    found = load_key(path, environ)
    if found is not None:
        return found
    fresh = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        _write_new(fresh, b64encode(os.urandom(KEY_BYTES)) + b"\n")
        try:
            os.link(fresh, path)  # fails where rename would replace: the first one wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        _settle(path.parent)
    except OSError as error:
        raise VaultKeyUnusable(
            f"the key file {path} can not be created: {error.strerror}",
            hint=f"set {KEY_VARIABLE} to the base64 form of {KEY_BYTES} random bytes",
        ) from error
    made = load_key(path, environ)
    if made is None:
        raise VaultKeyUnusable(f"the key file {path} vanished", hint="run again")
    return made


def _write_new(path: Path, content: bytes) -> None:
    """A file that did not exist, for its owner alone, on disk when this returns."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """A new name in the folder survives a power cut: what is sealed must not outlive its key."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _decoded(text: str, place: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultKeyUnusable(
            f"{place} does not hold {KEY_BYTES} bytes in base64",
            hint=f"make one: {_MAKE_KEY}",
        )
    return key


def _bound(context: str) -> bytes:
    """The associated data: version and record."""
    return (_VERSION + context).encode("utf-8")
