"""PAC200-222: documents, kinds, keys and values."""

from __future__ import annotations

from .doc import CodeDoc

FIELD_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC200",
        "A document is not a map",
        "The document is a list or a single value.",
        "Write apiVersion, kind, metadata and spec; documents of one file are separated by lines of ---.",
    ),
    CodeDoc(
        "PAC201",
        "apiVersion is missing or unknown",
        "Every document names the version of the format it is written in.",
        "Write apiVersion: pool-as-code/v1.",
    ),
    CodeDoc(
        "PAC202",
        "kind is missing or unknown",
        "Every document names its kind.",
        "Use one of the kinds that the message lists.",
    ),
    CodeDoc(
        "PAC203",
        "Unknown key",
        "The map has no such key. Keys are never ignored: a setting that was spelled wrong would be a setting that is not applied.",
        "Use the word that the message names, or remove the key.",
    ),
    CodeDoc(
        "PAC204",
        "A key is missing",
        "The map must have this key.",
        "Add it.",
    ),
    CodeDoc(
        "PAC205",
        "Wrong type",
        "The value has another type than its field: a text for a number, one value for a list.",
        "Write what the message expects; texts that look like numbers or booleans need quotes.",
    ),
    CodeDoc(
        "PAC206",
        "Not one of the words",
        "The field takes one of a few words.",
        "Use one of the words that the message lists.",
    ),
    CodeDoc(
        "PAC207",
        "Number out of range",
        "The number is smaller or larger than its field allows.",
        "Write a number within the range.",
    ),
    CodeDoc(
        "PAC208",
        "Wrong form",
        "The text does not have the form of its field: a name, a colour, a duration, a time, a host, an origin.",
        "Write it in the form that the message names.",
    ),
    CodeDoc(
        "PAC210",
        "null where the store chooses",
        "null resets a field to its documented default. This field has none: without a value the store chooses.",
        "Leave the field out; the value that is there stays.",
    ),
    CodeDoc(
        "PAC211",
        "null on a section",
        "Fields are reset one by one; null on a whole section does not say which.",
        "Name the fields to reset, each with null, or leave the section out.",
    ),
    CodeDoc(
        "PAC212",
        "null where it means nothing",
        "The field has no default that null could reset it to.",
        "Leave it out. Lists that are managed item by item take [] to remove what was declared before.",
    ),
    CodeDoc(
        "PAC213",
        "A secret in a manifest",
        "Passwords and shared secrets stand outside: files are copied, committed and read by many. The value is never shown.",
        "Write fromEnv: NAME or fromFile: PATH. If the secret was committed, consider it known and change it.",
    ),
    CodeDoc(
        "PAC214",
        "The service's own word",
        "The key is the name that the service's API has for a field which has another name here.",
        "Use the name in the message.",
    ),
    CodeDoc(
        "PAC215",
        "A key in the wrong section",
        "The key is known, but stands elsewhere.",
        "Move it to the place in the message.",
    ),
    CodeDoc(
        "PAC217",
        "Empty, or too long",
        "A text, a list or a map is empty, or a text is longer than its field allows.",
        "Shorten it, or leave an empty one out.",
    ),
)
