"""Time-based one-time passwords (RFC 6238): checks a secret and a code. Six digits, 30 seconds, HMAC-SHA-1.

These are the values that authenticator apps assume and the service documents. Where a secret or a used counter is kept
is not known here.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32decode

from ..core.errors import InvalidInput

STEP_SECONDS = 30
DIGITS = 6
WINDOW = 1
MIN_SECRET_BYTES = 10
MAX_SECRET_BYTES = 128


class TotpSecretInvalid(InvalidInput):
    """When a TOTP secret is not base32 or of an unfit length. The text does not show it."""


def parse_totp_secret(text: str) -> bytes:
    """The bytes of a base32 secret. Small letters, spaces, hyphens and missing padding are accepted, as apps show it.

    At least 10 bytes: RFC 4226 asks for 16, yet most secrets in the field have 10 (16 characters).
    """
    bare = text.replace(" ", "").replace("-", "").rstrip("=")
    try:
        secret = b32decode((bare + "=" * (-len(bare) % 8)).encode("ascii"), casefold=True)
    except ValueError:
        raise TotpSecretInvalid("the TOTP secret is not base32", hint="letters A to Z and digits 2 to 7") from None
    if not MIN_SECRET_BYTES <= len(secret) <= MAX_SECRET_BYTES:
        raise TotpSecretInvalid(
            f"the TOTP secret does not have {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes",
            hint="16 to 205 characters in base32; 32 are usual",
        )
    return secret


def counter_at(seconds: float) -> int:
    """The number of whole steps since the epoch; `seconds` as of `time.time()`."""
    return int(seconds // STEP_SECONDS)


def totp_code(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The code of one step (RFC 4226, section 5.3)."""
    mac = hmac.new(secret, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matched_counter(secret: bytes, code: str, seconds: float, *, last_counter: int | None = None) -> int | None:
    """The step whose code was given, or None. One step early or late is accepted.

    Keep the answer and hand it in as `last_counter` next time: a code of that step or an earlier one is then refused,
    so that none is used twice (RFC 6238, section 5.2). All steps are compared, in constant time.
    """
    typed = code.replace(" ", "")
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    now = counter_at(seconds)
    first = max(now - WINDOW, 0, -1 if last_counter is None else last_counter + 1)
    found: int | None = None
    for counter in range(first, now + WINDOW + 1):
        if hmac.compare_digest(totp_code(secret, counter), typed):
            found = counter
    return found
