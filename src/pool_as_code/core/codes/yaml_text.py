"""PAC100-129: what can be wrong with a text before it is a document."""

from __future__ import annotations

from .doc import CodeDoc

YAML_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC100",
        "The file is not UTF-8",
        "The bytes at this place are no UTF-8, or the file begins like UTF-16 or UTF-32.",
        "Save the file as UTF-8.",
    ),
    CodeDoc(
        "PAC101",
        "Not valid YAML",
        "The text breaks the syntax of YAML here; what follows in the file was not read.",
        "Look at this line and the one above: indentation, colons, brackets.",
    ),
    CodeDoc(
        "PAC102",
        "A tab in the indentation",
        "YAML indents with spaces only; how wide a tab is would be a guess.",
        "Replace the tab by spaces.",
    ),
    CodeDoc(
        "PAC103",
        "A character that YAML does not allow",
        "Control characters, NUL, lone surrogates, single carriage returns, line separators (U+0085, U+2028, U+2029) and "
        "byte order marks inside the text can not be seen, and readers disagree about them.",
        'Delete it, or write it as an escape in double quotes, for example "\\u2028".',
    ),
    CodeDoc(
        "PAC104",
        "The file is too large",
        "A YAML file of more than 256 MiB is refused before it is read.",
        "Split the file.",
    ),
    CodeDoc(
        "PAC105",
        "A quote or bracket is not closed",
        "The file, the document or the block goes on while a quoted text, a list or a map is still open.",
        "Close it; the message names the place where it was opened.",
    ),
    CodeDoc(
        "PAC106",
        "A text that needs quotes",
        "A plain text can not hold ': ' or ' #', nor begin with @, `, % or another sign that YAML uses itself.",
        "Put the whole value in quotes.",
    ),
    CodeDoc(
        "PAC107",
        "A colon without a space",
        "A key is followed by a colon and a space; without the space key and value are one text.",
        "Write `key: value`.",
    ),
    CodeDoc(
        "PAC108",
        "An escape that YAML does not know",
        "In double quotes a backslash begins an escape, and this one does not exist.",
        "Double the backslash, or use single quotes.",
    ),
    CodeDoc(
        "PAC110",
        "A key stands twice in one map",
        "Readers of YAML keep one of the two values without a word, and not all the same one.",
        "Delete one of the two.",
    ),
    CodeDoc(
        "PAC111",
        "A key is repeated with an equal value",
        "Seen in dumps: the repetition changes nothing and counts once.",
        "Nothing; or delete the repetition.",
    ),
    CodeDoc(
        "PAC112",
        "yes, no, on, off, y or n without quotes",
        "YAML 1.1 reads these words as booleans, YAML 1.2 as texts.",
        "Write true or false for a boolean, or quote the word for a text.",
    ),
    CodeDoc(
        "PAC113",
        "A number with leading zeros",
        "YAML 1.1 reads 010 as 8, YAML 1.2 as 10, and most people mean a text.",
        "Quote it for a text, or write the number without leading zeros (octal: 0o10).",
    ),
    CodeDoc(
        "PAC114",
        "Digits with colons without quotes",
        "YAML 1.1 reads 1:30 as the number 90 (base 60), YAML 1.2 as a text.",
        "Quote it.",
    ),
    CodeDoc(
        "PAC115",
        "A number in a form that only YAML 1.1 knows",
        "0b101 and 1_000 are numbers in YAML 1.1 and texts in YAML 1.2.",
        "Quote it for a text, or write the number in decimal digits.",
    ),
    CodeDoc(
        "PAC116",
        "Infinity or not-a-number",
        "Values are those of JSON, which has no .inf and no .nan.",
        "Write a finite number, or quote it for a text.",
    ),
    CodeDoc(
        "PAC117",
        "A number out of range",
        "Whole numbers reach from -9223372036854775808 to 9223372036854775807 (64 bits), others to about 1.8e308.",
        "Quote it for a text (long digit strings are mostly identifiers), or write a smaller number.",
    ),
    CodeDoc(
        "PAC118",
        "A key that is not a text",
        "Keys are texts; this one reads as a number, a boolean, null, a list or a map.",
        "Quote the key.",
    ),
    CodeDoc(
        "PAC119",
        "A merge key",
        "`<<` copies keys in YAML 1.1; YAML 1.2 has dropped it and readers disagree about what wins.",
        "Write the keys out, or use `extends`; quote it if `<<` is really the name of a key.",
    ),
    CodeDoc(
        "PAC120",
        "A tag",
        "Tags such as !!str or !foo ask the reader for types of its own. Manifests need none, and some tags run code.",
        "Delete the tag; quote the value where it must be a text.",
    ),
    CodeDoc(
        "PAC121",
        "A directive that is not for us",
        "The file asks for another version of YAML than 1.2, or declares tags.",
        "Delete the directive, or write %YAML 1.2.",
    ),
    CodeDoc(
        "PAC122",
        "An alias without an anchor",
        "`*name` repeats the value marked `&name` earlier in the same document, and there is none.",
        "Mark the value with `&name`, or quote the text if the star belongs to it.",
    ),
    CodeDoc(
        "PAC123",
        "An alias inside its own anchor",
        "The value would contain itself.",
        "Write the value out.",
    ),
    CodeDoc(
        "PAC124",
        "Aliases repeat too much",
        "All aliases of a file together may stand for at most 10,000 values and 10 million characters; more is taken for an "
        "alias bomb.",
        "Write the values out, or use `extends`.",
    ),
    CodeDoc(
        "PAC125",
        "Nested too deeply",
        "Maps and lists may stand in each other 64 levels deep.",
        "Make the structure flatter.",
    ),
)
