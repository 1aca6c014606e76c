"""What a use-case is asked: where to look, which environment, which store, what is allowed. Values without behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Tell = Callable[[str], None]


def no_input() -> bytes:
    """The standard input of a use-case that has none."""
    return b""


@dataclass(frozen=True)
class Request:
    """`paths`: folders, files or `-`; empty means the project found from `cwd` upwards. `store` overrides the environment's.
    `variables` are the texts of `--var`, by name. `base` is the commit that guards are compared with."""

    paths: tuple[str, ...] = ()
    env: str | None = None
    store: str | None = None
    cwd: Path = field(default_factory=Path.cwd)
    environ: Mapping[str, str] = field(default_factory=dict)
    read_stdin: Callable[[], bytes] = no_input
    secrets_dir: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    base: str = ""


@dataclass(frozen=True)
class PlanOptions:
    """`targets` are globs over addresses, `selector` texts that `core.selectors` reads. `allow` lifts findings (`CODE` or
    `CODE@ADDRESS`). `max_deletes` is by kind word. `confirm` names pools whose users may go with them."""

    prune: bool = False
    destroy: bool = False
    targets: tuple[str, ...] = ()
    selector: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    max_deletes: Mapping[str, int] = field(default_factory=dict)
    confirm: tuple[str, ...] = ()
    unmanaged: bool = False


@dataclass(frozen=True)
class ApplyOptions(PlanOptions):
    """`expect` is the digest that was reviewed, `report` a file that grows after each write, `actor` who is at the keyboard."""

    transaction: bool = True
    expect: str = ""
    report: Path | None = None
    actor: str = ""
