"""What is wrong where documents are laid over each other, in words: what `layers` found as problems with a hint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..core.address import Address
from ..resources.kind import Problem
from ..resources.state import Origin
from ..resources.suggest import nearest
from .layers.draft import Draft, Path
from .layers.stack import LONGEST_CHAIN, Fault
from .layers.variables import Variables
from .place import Placed
from .shown import cut
from .written import in_objects


class FaultWords:
    """Says faults of one environment. `broken`: whether a document at one of these addresses could not be read; `bases`: the
    names that a document could extend."""

    def __init__(
        self,
        variables: Variables,
        environment: str,
        broken: Callable[[Iterable[Address]], bool],
        bases: Callable[[Draft], list[str]],
    ) -> None:
        self._variables = variables
        self._environment = environment
        self._broken = broken
        self._bases = bases

    def told(self, faults: Iterable[Fault], origin_of: Callable[[Draft], Origin]) -> Iterator[Placed]:
        """The faults as problems. What is wrong in a base or a patch is told once, with the objects that have it.
        `origin_of` gives the origin of the document that comes out of a draft."""
        found: dict[tuple[str, str, Origin, Path], list[Fault]] = {}
        for fault in faults:
            if fault.draft.row is None or fault.origin != fault.draft.origin:
                found.setdefault(fault[:4], []).append(fault)
            else:
                problem = replace(self._explained(fault), path=fault.path[len(fault.draft.base) :])
                problem = replace(problem, replace=None, rename=None, remove=False)
                yield Placed(origin_of(fault.draft), problem, str(fault.draft.address))
        for (_, _, origin, _), alike in found.items():
            problem = self._explained(alike[0])
            if len(alike) > 1:
                problem = in_objects(problem, [str(fault.draft.address) for fault in alike])
            yield Placed(origin, problem, str(alike[0].draft.address) if len(alike) == 1 else "")

    def _explained(self, fault: Fault) -> Problem:
        explain = {
            "PAC164": self._unset,
            "PAC170": self._base,
            "PAC171": self._ring,
            "PAC172": self._chain,
            "PAC175": self._no_placeholder,
            "PAC176": self._not_there,
            "PAC177": self._in_a_text,
            "PAC180": self._no_value,
        }[fault.code]
        return explain(fault)

    def _unset(self, fault: Fault) -> Problem:
        summary = f"$unset takes nothing out of {fault.draft.address}"
        hint = "correct the path; it begins at the map that $unset stands in"
        return Problem(fault.path, "PAC164", summary, "there is no such field", hint)

    def _base(self, fault: Fault) -> Problem:
        kind = fault.draft.kind
        if self._broken(fault.draft.bases()):
            summary = f"the base {cut(fault.about)} can not be read"
            return Problem(fault.path, "PAC170", summary, "its document has errors", "correct the base first")
        near = nearest(fault.about, self._bases(fault.draft))
        summary = f"there is no {kind.name} {cut(fault.about)} to extend"
        hint = f"did you mean {near}?" if near else f"add a document of kind {kind.name} with abstract: true"
        return Problem(fault.path, "PAC170", summary, "", hint, replace=near)

    def _ring(self, fault: Fault) -> Problem:
        summary = f"documents extend each other in a ring: {cut(fault.about)}"
        return Problem(fault.path, "PAC171", summary, hint="remove extends from one of them", remove=True)

    def _chain(self, fault: Fault) -> Problem:
        summary = f"more than {LONGEST_CHAIN} documents extend each other in a row"
        return Problem(fault.path, "PAC172", summary, hint="let it extend the first of them")

    def _no_placeholder(self, fault: Fault) -> Problem:
        hint = "write ${var.NAME}; a literal ${ is written $${"
        if fault.about.startswith("${row."):
            hint = "rows are known in the documents of a ForEach only"
        elif near := nearest(fault.about[2:-1].removeprefix("vars."), self._variables.declared):
            hint = f"did you mean ${{var.{near}}}? A literal ${{ is written $${{"
        return Problem(fault.path, "PAC175", f"{cut(fault.about)} is no placeholder", "", hint)

    def _not_there(self, fault: Fault) -> Problem:
        detail = "what an object is called, and what it is made of, is the same in every environment"
        return Problem(fault.path, "PAC176", f"{cut(fault.about)} can not stand there", detail, "write it out")

    def _in_a_text(self, fault: Fault) -> Problem:
        summary = f"{cut(fault.about)} is a list or a map and stands in the middle of a text"
        return Problem(fault.path, "PAC177", summary, hint="write the placeholder alone")

    def _no_value(self, fault: Fault) -> Problem:
        detail, hint = self._variables.missing(fault.about)
        where = f" in environment {self._environment}" if self._environment else ""
        return Problem(fault.path, "PAC180", f"variable {fault.about} has no value{where}", detail, hint)
