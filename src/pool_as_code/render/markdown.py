"""Plans as GitHub-flavoured Markdown for pull requests: one comment of a limited size, the risky parts first, the rest behind a
click. What is shown is decided in `view.py`, what fits in `budget.py`, what is inert in `markup.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..plan.model import Action
from .budget import Part, Piece, What, fill
from .difference import entry_lines
from .environments import Compared, EnvironmentPlan, all_compared
from .escape import escape
from .fold import Entries
from .markup import cell, code, details, fenced, html_code, marker, prose
from .outputs import Look
from .parts import FindingNote, MessageNote, PlanView, Section
from .view import plan_view
from .words import counted

LIMIT = 60_000
"""Characters of one comment. GitHub takes 65,536; the difference is for what a bot puts around it."""

RESERVED = 1_500  # characters for what is said about a cut
LONGEST_COMMAND = 2_000
LONGEST_DIAGNOSTICS = 20
_NAMED = 3  # objects that are named where they can not be seen

_DONE: tuple[tuple[Action, str], ...] = (
    (Action.CREATE, "create"),
    (Action.UPDATE, "change"),
    (Action.DELETE, "delete"),
    (Action.ADOPT, "take over"),
    (Action.RELEASE, "give up"),
    (Action.OWN, "ownership only"),
)
_RANKS = {
    "Weakens security": 1,
    "Delete": 2,
    "Change": 5,
    "Take over": 6,
    "Create": 7,
    "Give up": 8,
    "Ownership only": 9,
}
_BLOCKING, _WARNINGS, _MESSAGES, _NOTES = 0, 3, 4, 10


def plans_markdown(environments: Sequence[EnvironmentPlan], look: Look, *, limit: int = LIMIT) -> str:
    """One plan, or those of several environments, as a comment of at most `limit` characters, with a line break at the end.

    `look.full` folds nothing, as far as there is room. The first line is a marker by which a program finds its comment again: it
    depends on the project and the environments and on nothing else."""
    views = [
        (one, None if one.plan is None else _view(one, beside, look))
        for one, beside in zip(environments, all_compared(environments), strict=True)
    ]
    chapters = [_Chapter(one, view, several=len(views) > 1) for one, view in views]
    opening = [_marker(environments), *_opening(chapters)]
    room = limit - RESERVED - sum(len(text) + 2 for text in opening)
    kept: list[_Chapter] = []
    for chapter in chapters:
        room -= chapter.frame
        if room < 0:
            break
        kept.append(chapter)
    fill([part for chapter in kept for part in chapter.parts], max(room, 0))
    blocks = [*opening, *_cut(kept, chapters[len(kept) :], limit)]
    for chapter in kept:
        blocks += chapter.blocks()
    return "\n\n".join(blocks) + "\n"


def _view(one: EnvironmentPlan, beside: Compared | None, look: Look) -> PlanView:
    assert one.plan is not None
    return plan_view(
        one.plan,
        show_values=look.show_values,
        full=look.full,
        digest=one.digest,
        next_step=one.next_step,
        beside=beside,
    )


def _marker(environments: Sequence[EnvironmentPlan]) -> str:
    """By the project's id, which outlives its name, also where every plan failed."""
    targets = [one.plan.target for one in environments if one.plan is not None]
    known = [*(target.project or target.project_name for target in targets), *(one.project for one in environments)]
    return marker(next(filter(None, known), ""), *(one.name for one in environments))


@dataclass
class _Block:
    """A part of a chapter with what stands around it. `shape` turns its pieces into text."""

    part: Part
    title: str
    summary: str = ""
    is_open: bool = False

    def text(self) -> str:
        pieces = [piece.text for piece in self.part.shown]
        left = self.part.left
        more = f"… {left:,} more {self.part.what}{'' if left == 1 else 's'} not shown here" if left else ""
        if self.summary:
            body = fenced(pieces, "diff") if pieces else ""
            inner = details(self.summary, "\n\n".join(filter(None, (body, more))), is_open=self.is_open)
        else:
            inner = "\n".join([*pieces, f"- {more}"] if more else pieces)
        return "\n\n".join(filter(None, (self.title and f"#### {self.title}", inner)))


class _Chapter:
    """What is said about one environment: a frame of known size, and parts that share what room there is."""

    def __init__(self, one: EnvironmentPlan, view: PlanView | None, *, several: bool) -> None:
        self.one, self.view = one, view
        self._blocks = list(self._made(view)) if view is not None else []
        self._head = list(self._heading(several))
        self._tail = list(self._ending())
        self.frame = sum(len(text) + 2 for text in (*self._head, *self._tail))

    @property
    def parts(self) -> list[Part]:
        """What shares the room."""
        return [block.part for block in self._blocks]

    def blocks(self) -> Iterator[str]:
        """The chapter's texts, once its parts are filled."""
        yield from self._head
        yield from (block.text() for block in self._blocks if not block.part.dropped)
        yield from self._tail

    def _heading(self, several: bool) -> Iterator[str]:
        if several:
            yield f"### Environment {code(self.one.name)}"
        if self.view is None:
            yield from _failed(self.one)
            return
        for line in self.view.header[1:]:
            yield prose(line)
        if self.view.risks:
            yield f"**{'. '.join(self.view.risks)}.**"
        yield from (prose(line, 3_000) for line in self.view.compared)
        yield f"**{self.view.summary}**"
        if self.view.tally and not self.view.compared:
            yield _tally(self.view)

    def _ending(self) -> Iterator[str]:
        if self.view is None:
            return
        yield from (prose(aside, 3_000) for aside in self.view.asides)
        if self.view.digest:
            yield f"Digest {code(self.view.digest)}"
        if self.view.next_step:
            yield from _next(self.view.next_step)

    def _made(self, view: PlanView) -> Iterator[_Block]:
        """Risk first: what blocks, what gets weaker, what goes; then warnings; then the rest."""
        yield from _notes("Blocks an apply", view.blocking, _BLOCKING)
        yield from self._sections(section for section in view.sections if section.risk)
        yield from _notes("Warnings", view.warnings, _WARNINGS)
        yield from self._sections(section for section in view.sections if not section.risk)
        if view.messages:
            pieces = (Piece(_message(message), message.count) for message in view.messages)
            yield _block(
                pieces, "message", sum(m.count for m in view.messages), _MESSAGES, "Messages that will be sent"
            )
        yield from _notes("Notes", view.notes, _NOTES)

    def _sections(self, sections: Iterator[Section]) -> Iterator[_Block]:
        for section in sections:
            title = section.title
            for kind, places in _by_kind(section.entries).items():
                total = sum(section.entries.count_at(at) for at in places)
                yield _block(
                    self._entries(section.entries, places),
                    "change",
                    total,
                    _RANKS[section.title],
                    title,
                    _folded_title(section.entries, places, kind, total),
                    is_open=section.risk,
                )
                title = ""

    def _entries(self, entries: Entries, places: Sequence[int]) -> Iterator[Piece]:
        for at in places:
            yield Piece("\n".join(entry_lines(entries[at])), entries.count_at(at))


def _block(
    pieces: Iterator[Piece], what: What, total: int, rank: int, title: str, summary: str = "", *, is_open: bool = False
) -> _Block:
    block = _Block(Part(pieces, what, total, rank, 0), title, summary, is_open)
    block.part.overhead = len(block.text()) + 30  # nothing is shown yet; a fence and blank lines come around
    return block


def _folded_title(entries: Entries, places: Sequence[int], kind: str, total: int) -> str:
    """What is behind the click: how many of what, and the first names."""
    names = [name for at in places[:_NAMED] for name in entries.addresses_at(at, _NAMED)][:_NAMED]
    more = f" and {total - len(names):,} more" if total > len(names) else ""
    found = f": {', '.join(map(html_code, names))}{more}" if names else ""
    return f"{total:,} {html_code(kind if total == 1 else kind + 's')}{found}"


def _by_kind(entries: Entries) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at in range(len(entries)):
        found.setdefault(entries.kind_at(at), []).append(at)
    return found


def _notes(title: str, notes: Sequence[FindingNote], rank: int) -> Iterator[_Block]:
    if notes:
        pieces = (Piece(_note(note), note.count) for note in notes)
        yield _block(pieces, "finding", sum(note.count for note in notes), rank, title)


def _note(note: FindingNote) -> str:
    text = f"- **{code(note.code)}** {_who(note.addresses, note.count)}{prose(f'{note.reason} {note.detail}'.strip())}"
    return f"{text}\n  Next: {code(note.next_step, LONGEST_COMMAND)}" if note.next_step else text


def _message(message: MessageNote) -> str:
    return f"- {code(message.kind)} {_who(message.addresses, message.count)}{prose(message.text)}"


def _who(addresses: Sequence[str], count: int) -> str:
    names = ", ".join(code(address, 120) for address in addresses)
    if count == 1:
        return f"{names}: " if names else ""
    more = f" and {count - len(addresses):,} more" if count > len(addresses) else ""
    return f"{count:,} times ({names}{more}): " if names else f"{count:,} times: "


def _tally(view: PlanView) -> str:
    return _table("", [(cell(kind), counts) for kind, counts in view.tally.items()][:20])


def _table(corner: str, rows: Sequence[tuple[str, Mapping[Action, int]]], more: Sequence[str] = ()) -> str:
    """A row a line with a number for each action that occurs; `more` is a last cell for each row."""
    used = [(action, word) for action, word in _DONE if any(counts.get(action) for _, counts in rows)]
    last = [""] if more else []
    lines = [[corner, *(word for _, word in used), *last], ["---", *("--:" for _ in used), *("---" for _ in last)]]
    for at, (name, counts) in enumerate(rows):
        lines.append(
            [name, *(f"{counts[a]:,}" if counts.get(a) else "" for a, _ in used), *([more[at]] if more else [])]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def _opening(chapters: Sequence[_Chapter]) -> Iterator[str]:
    """The title; for several environments also a table of them."""
    first = next((chapter.view for chapter in chapters if chapter.view is not None), None)
    if len(chapters) == 1:
        yield f"## {prose(first.header[0])}" if first is not None else f"## No plan of {code(chapters[0].one.name)}"
        return
    yield (
        "## "
        + (f"{prose(first.header[0].rpartition(', environment ')[0])}, " if first is not None else "")
        + counted(len(chapters), "environment")
    )
    rows = []
    for chapter in chapters[:50]:
        counts: Counter[Action] = Counter()
        for actions in chapter.view.tally.values() if chapter.view is not None else ():
            counts.update(actions)
        rows.append((cell(chapter.one.name), counts))
    yield _table("environment", rows, [_verdict(chapter) for chapter in chapters[:50]])


def _verdict(chapter: _Chapter) -> str:
    """An environment in a few words."""
    view = chapter.view
    if view is None:
        return "**no plan**"
    said = [f"**{risk}**" if risk.startswith("Blocked") else risk for risk in view.risks]
    if view.compared:
        said.append(prose(view.verdict, 100))
    elif not view.tally:
        said.append("nothing to do")
    return ", ".join(said).replace("|", "\\|")


def _failed(one: EnvironmentPlan) -> Iterator[str]:
    assert one.failure is not None
    yield f"**There is no plan:** {prose(one.failure.message)}"
    shown = one.failure.diagnostics[:LONGEST_DIAGNOSTICS]
    if shown:
        lines = [f"- {code(str(d.location or d.address) or one.name)} {code(d.code)} {prose(d.summary)}" for d in shown]
        left = len(one.failure.diagnostics) - len(shown)
        yield "\n".join([*lines, *([f"- … {counted(left, 'more message')}"] if left else [])])
    if one.failure.hint:
        yield f"Hint: {prose(one.failure.hint)}"


def _next(step: str) -> Iterator[str]:
    if len(step) > LONGEST_COMMAND:
        yield "Next: the command is too long for a comment; the text output has it"
        return
    words, found, command = f": {step}".rpartition(": pac ")
    if not found:
        yield f"Next: {prose(step, LONGEST_COMMAND)}"
        return
    yield f"Next: {prose(words[2:])}:" if words else "Next:"
    yield fenced([escape(f"pac {command}")], "sh")


def _cut(kept: Sequence[_Chapter], dropped: Sequence[_Chapter], limit: int) -> Iterator[str]:
    """What is missing, and the command that shows it."""
    left: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for part in (part for chapter in (*kept, *dropped) for part in chapter.parts):
        left[part.what] += part.left
        total[part.what] += part.total
    missing = [
        f"{left[what]:,} of {counted(total[what], what)}" for what in ("change", "finding", "message") if left[what]
    ]
    if dropped:
        missing.append(counted(len(dropped), "environment"))
    if missing:
        commands = list(dict.fromkeys(chapter.one.whole for chapter in (*kept, *dropped) if chapter.one.whole))
        whole = f" All of it: {code(commands[0])}" if commands else ""
        yield f"**Cut to fit {limit:,} characters:** {', '.join(missing)} not shown here.{whole}"
