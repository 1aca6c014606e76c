"""Which addresses a plan is about: the files that were named, the globs of `--target`, the labels of `--selector`."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable

from ..core.address import Address
from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput
from ..core.selectors import Selector
from ..core.values import as_map
from ..manifest.load import Loaded
from ..resources.state import State
from ..resources.suggest import nearest
from .request import PlanOptions


def in_target_of(
    loaded: Loaded, options: PlanOptions, desired: State, owned: Iterable[Address]
) -> Callable[[Address], bool]:
    """Whether an address is in the plan. Raises InvalidInput for a glob or selector that matches nothing.

    Labels stand in manifests alone: what is no longer declared answers to no selector."""
    known = [*desired.resources, *owned]
    problems = [_no_match(glob, known) for glob in options.targets if not any(answers(a, (glob,)) for a in known)]
    selectors = selectors_of(options.selector)
    labels = {r.address: as_map(r.metadata.get("labels")) for r in desired} if selectors else {}
    chosen = {address for address, held in labels.items() if all(selector.matches(held) for selector in selectors)}
    if selectors and not chosen:
        text = " ".join(f"--selector {text}" for text in options.selector)
        some = sorted({f"{key}={value}" for held in labels.values() for key, value in held.items()})
        detail = (
            f"labels: {', '.join(some[:8])}{', ...' if len(some) > 8 else ''}" if some else "no document has labels"
        )
        hint = "correct it, or add metadata.labels"
        problems.append(Diagnostic("PAC330", f"{text} matches no declared object", detail=detail, hint=hint))
    if problems:
        option = "--target" if not selectors or chosen else "--selector"
        raise InvalidInput(f"{option} matches nothing", problems)
    selected = loaded.state.resources if loaded.around.resources else None
    if selected is None and not options.targets and not selectors:
        return lambda address: True

    def inside(address: Address) -> bool:
        if (selected is not None and address not in selected) or (selectors and address not in chosen):
            return False
        return not options.targets or answers(address, options.targets)

    return inside


def selectors_of(texts: Iterable[str]) -> list[Selector]:
    """The selectors of `--selector`. Raises InvalidInput for a text that is none."""
    try:
        return [Selector.parse(text) for text in texts]
    except ValueError as error:
        problem = Diagnostic("PAC330", str(error), hint="for example --selector tier=gold,region!=eu")
        raise InvalidInput(str(error), [problem]) from None


def answers(address: Address, globs: Iterable[str]) -> bool:
    """Whether an address is one of those that the globs mean."""
    return any(fnmatch.fnmatchcase(str(address), glob) for glob in globs)


def _no_match(glob: str, known: list[Address]) -> Diagnostic:
    near = nearest(glob, [str(address) for address in known])
    hint = f"did you mean {near!r}?" if near else "write it like pool/customers or user/customers/*"
    return Diagnostic("PAC330", f"--target {glob} matches no declared or owned object", hint=hint)
