"""What a shell offers for the words of a command line: environments, kinds, addresses, codes, fields. Handed to click's parameters
as `shell_complete`; `cli/completion.py` prints the scripts that make a shell ask."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def environments(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The environments of the project file."""
    from ..app.offering import environments as offered

    return _starting(typed, offered(Path.cwd()))


def kinds(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The short words of kinds, as `--max-deletes` takes them: `pool=`."""
    from ..resources.registry import KINDS

    return _starting(typed, (f"{kind.word}=" for kind in KINDS))


def schema_kinds(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """What `pac schema` has a schema of."""
    from ..manifest.jsonschema import schema_words

    return _starting(typed, dict.fromkeys(schema_words().values()))


def explained(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """What `pac explain` knows by one name."""
    from ..app.explaining import all_names

    return _starting(typed, all_names())


def addresses(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The addresses of the project's documents."""
    return _starting(typed, _addresses())


def pools(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The addresses of the project's pools."""
    return _starting(typed, (address for address in _addresses() if address.startswith("pool/")))


def users(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The project's users, as POOL/USER."""
    found = (address.partition("/") for address in _addresses())
    return _starting(typed, (name for kind, _, name in found if kind == "user"))


def findings(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The findings that `--allow` lifts."""
    from click.shell_completion import CompletionItem

    from ..plan.findings.catalogue import CATALOGUE

    return [
        CompletionItem(doc.code, help=doc.title) for doc in CATALOGUE if doc.allowable and doc.code.startswith(typed)
    ]


def _addresses() -> list[str]:
    from ..app.offering import addresses as offered

    return offered(Path.cwd())


def _starting(typed: str, words: Iterable[str]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in words if word.startswith(typed)]
