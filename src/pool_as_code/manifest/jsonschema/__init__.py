"""JSON Schemas of manifests and of the project file, made from the model, for editors and for checks without this tool.

    places      an annotation as a schema: types, ranges, words, defaults, descriptions
    relations   what must hold among the fields of one object, as far as a JSON Schema can say it
    documents   documents of a kind, of all kinds, the project file, and the files below `schemas/`

Draft-07, because that is what yaml-language-server, JetBrains and check-jsonschema all know. The draft's `if`/`then` on `kind`
chooses one kind, so completion offers the fields of that kind only, and a mistake is told at its place; with `oneOf` every
mistake would be "matches none of nine".
"""

from .documents import manifest_schema, schema_files, schema_named, schema_text, schema_words

__all__ = ["manifest_schema", "schema_files", "schema_named", "schema_text", "schema_words"]
