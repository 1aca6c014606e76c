"""sha-crypt (`$5$`, `$6$`), the password hash of Unix systems, after Ulrich Drepper's specification 0.4.

The standard library's `crypt` is gone since Python 3.13 and was never on every platform. Only verification needs it: no
new hash is made this way.
"""

from __future__ import annotations

import hashlib

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def sha_crypt_digest(secret: bytes, function: str, salt: bytes, rounds: int) -> bytes:
    """The last part of a sha-crypt text: 43 characters for sha256, 86 for sha512.

    `salt` has at most 16 bytes and `rounds` is within bounds: the reader of the text saw to both.
    """

    def digest(parts: bytes) -> bytes:
        return hashlib.new(function, parts).digest()

    alternate = digest(secret + salt + secret)
    start = secret + salt + _stretch(alternate, len(secret))
    length = len(secret)
    while length:
        start += alternate if length & 1 else secret
        length >>= 1
    current = digest(start)

    password = _stretch(digest(secret * len(secret)), len(secret))
    salted = _stretch(digest(salt * (16 + current[0])), len(salt))
    for turn in range(rounds):
        odd = turn & 1
        middle = (salted if turn % 3 else b"") + (password if turn % 7 else b"")
        current = digest((password if odd else current) + middle + (current if odd else password))
    return _encoded(current).encode("ascii")


def _stretch(block: bytes, length: int) -> bytes:
    """The block, repeated and cut to a length."""
    return (block * (length // len(block) + 1))[:length]


def _encoded(raw: bytes) -> str:
    """Groups of three bytes in the order of the specification, six bits a character, lowest first."""
    third = len(raw) // 3
    a, b, c = 0, third, 2 * third
    text = ""
    for _ in range(third):
        text += _characters(raw[a] << 16 | raw[b] << 8 | raw[c], 4)
        a, b, c = (c + 1, a + 1, b + 1) if len(raw) == 32 else (b + 1, c + 1, a + 1)
    return text + (_characters(raw[31] << 8 | raw[30], 3) if len(raw) == 32 else _characters(raw[63], 2))


def _characters(number: int, count: int) -> str:
    return "".join(_ALPHABET[number >> 6 * place & 63] for place in range(count))
