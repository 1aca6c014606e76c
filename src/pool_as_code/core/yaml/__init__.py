"""YAML texts to values and back: strict YAML 1.2 core (or lenient, for the dumps of others), every problem with its place and
repair, fast enough for 100,000 users in a file. Text in, values out: nothing here reads a file or knows what a manifest is.

    readable -> segments -> shapes (seen before?) -> events (quick) -> nodes (careful: places, problems)
"""

from __future__ import annotations

from .places import locate, locate_many
from .problems import Document, Span, YamlError, YamlProblem
from .reading import iter_documents, parse, parse_collect
from .writer import dump

__all__ = [
    "Document",
    "Span",
    "YamlError",
    "YamlProblem",
    "dump",
    "iter_documents",
    "locate",
    "locate_many",
    "parse",
    "parse_collect",
]
