"""From the bytes of a file to a text that is fit to be parsed: UTF-8, a bounded size, only characters that YAML allows, and
line feeds as the only line breaks (so that a line is the same thing to the parser, to an editor and to an edit)."""

from __future__ import annotations

import re

from ..edits import Edit
from .problems import YamlError, YamlProblem

MAX_SIZE = 256 * 1024 * 1024  # bytes, or characters of a str
_SHOWN = 20  # places of forbidden characters that are listed; the rest of such a file is no better

# YAML 1.2 `c-printable` without what can not be seen: separators that YAML 1.1 and 1.2 read differently, inner marks
# (U+FEFF), lone carriage returns.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)")
# The same on UTF-8, in two scans that are ten times faster: single bytes, and sequences.
_ALLOWED_BYTES = bytes([9, 10, 13, *range(32, 127), *range(128, 256)])
_FORBIDDEN_SEQUENCES = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]|\xef(?:\xbb\xbf|\xbf[\xbe\xbf])")
_UTF16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def readable(source: str | bytes) -> str:
    """The text of a source, without byte order mark, with line feeds; raises YamlError with PAC100, PAC103 or PAC104."""
    if len(source) > MAX_SIZE:
        raise YamlError([_whole_file("PAC104", f"the file has {len(source) >> 20} MiB, more than 256")])
    encoded = source if isinstance(source, bytes) else source.encode(errors="surrogatepass")
    text = (_decode(source) if isinstance(source, bytes) else source).removeprefix("\ufeff")
    if _is_suspicious(encoded.removeprefix(b"\xef\xbb\xbf")) and _FORBIDDEN.search(text):
        raise YamlError(_forbidden(text))
    return text.replace("\r\n", "\n")


def _is_suspicious(encoded: bytes) -> bool:
    """Whether there may be forbidden characters (surrogates, which only a str can have, are always looked for)."""
    if encoded.translate(None, _ALLOWED_BYTES) or encoded.count(b"\r") != encoded.count(b"\r\n"):
        return True
    return not encoded.isascii() and (b"\xed" in encoded or _FORBIDDEN_SEQUENCES.search(encoded) is not None)


def _decode(source: bytes) -> str:
    if source.startswith(_UTF16_OR_32) or (b"\x00" in source[:4] and len(source) > 1):
        raise YamlError([_whole_file("PAC100", "the file is UTF-16 or UTF-32, not UTF-8")])
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start].decode().removeprefix("\ufeff")
        line, column = _place(before, len(before))
        byte = source[error.start]
        problem = YamlProblem(
            "PAC100", f"byte 0x{byte:02X} is not UTF-8 ({error.reason})", line, column, "save the file as UTF-8"
        )
        raise YamlError([problem]) from error


def _whole_file(code: str, summary: str) -> YamlProblem:
    hint = "save the file as UTF-8" if code == "PAC100" else "split it"
    return YamlProblem(code, summary, 1, 1, hint)


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _forbidden(text: str) -> list[YamlProblem]:
    problems = []
    for match, _ in zip(_FORBIDDEN.finditer(text), range(_SHOWN), strict=False):
        line, column = _place(text, match.start())
        char = match[0]
        escape = f"\\x{ord(char):02X}" if ord(char) < 256 else f"\\u{ord(char):04X}"
        hint = f'delete it, or write "{escape}" in double quotes where it belongs to a text'
        edits: tuple[Edit, ...] = (Edit(line, column, 1, ""),)
        if char == "\r":
            hint, edits = "end lines with a line feed", (Edit(line, column, 1, "\n"),)
        elif char in "\x85\u2028\u2029":
            edits = (Edit(line, column, 1, " "),)
        elif "\ud800" <= char <= "\udfff":
            hint, edits = "half of a character: save the file as UTF-8 with the tool that wrote it", ()
        problems.append(YamlProblem("PAC103", f"character U+{ord(char):04X} is not allowed", line, column, hint, edits))
    return problems
