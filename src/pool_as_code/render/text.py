"""The plan as text for terminals and logs: 80 columns, signs before every change, colour only where it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..core.diagnostics import Severity
from ..core.values import JsonValue
from ..plan.model import Action, Plan
from .environments import Compared, EnvironmentPlan, Failure, all_compared
from .escape import escape
from .layout import WIDTH, block, columns, flow, shortened, shortened_pair, wrap
from .outputs import Look
from .palette import PLAIN, Palette, Style
from .parts import SIGNS, Entry, FindingNote, MessageNote, PlanView, Rest, Row, Section, Words
from .view import plan_view
from .words import many

ROW_INDENT = " " * 6
LONGEST_BLOCK = 60  # lines of one value

_STYLES: dict[str, Style] = {"+": "add", "-": "remove", "~": "change", ">": "change", "<": "quiet", "=": "quiet"}


_COUNTED: dict[str, Style] = {"create": "add", "change": "change", "delete": "remove", "take over": "change"}
_COUNT = re.compile(rf"[\d,]*\d to (?P<what>{'|'.join(_COUNTED)})")


def plans_text(environments: Sequence[EnvironmentPlan], look: Look) -> str:
    """The plans one below the other, each as far as it differs from the first one; at the end a line for each."""
    if not look.several and len(environments) == 1 and environments[0].plan is not None:
        one = environments[0]
        view = _view(environments[0].plan, look, digest=one.digest, next_step=one.next_step)
        return "\n".join(_PlanText(look.palette, look.full).lines(view)) + "\n"
    texts = []
    rows = []
    for one, beside in zip(environments, all_compared(environments), strict=True):
        if one.plan is None:
            texts.append(_no_plan(one, look.palette))
            rows.append((one.name, "no plan"))
            continue
        view = _view(one.plan, look, digest=one.digest, next_step=one.next_step, beside=beside)
        texts.append("\n".join(_PlanText(look.palette, look.full).lines(view)) + "\n")
        said = ["blocked"] if view.blocking else []
        rows.append((one.name, "; ".join([*said, *filter(None, [view.verdict]), view.summary])))
    return "\n".join([*texts, _each(rows)])


def _each(rows: Sequence[tuple[str, str]]) -> str:
    """A paragraph for each environment behind its name."""
    cells = [("ENVIRONMENT", "PLAN"), *((escape(name), said) for name, said in rows)]
    width = min(max(columns(name) for name, _ in cells), WIDTH // 2)
    lines: list[str] = []
    for name, said in cells:
        lead = f"{name}{' ' * (width - columns(name))}  "
        lines += wrap(escape(said), lead, hanging=" " * (width + 2))
    return "\n".join(lines) + "\n"


def plan_text(
    plan: Plan,
    *,
    palette: Palette = PLAIN,
    show_values: bool = False,
    full: bool = False,
    digest: str = "",
    next_step: str = "",
) -> str:
    """The whole plan as text, with a line break at the end; the options are those of `plan_view`."""
    look = Look(palette, show_values, full)
    view = _view(plan, look, digest=digest, next_step=next_step)
    return "\n".join(_PlanText(palette, full).lines(view)) + "\n"


def _view(plan: Plan, look: Look, *, digest: str, next_step: str, beside: Compared | None = None) -> PlanView:
    return plan_view(
        plan, show_values=look.show_values, full=look.full, digest=digest, next_step=next_step, beside=beside
    )


def _no_plan(one: EnvironmentPlan, palette: Palette) -> str:
    failure = one.failure or Failure("there is no plan")
    lines = wrap(f"No plan of environment {escape(one.name)}: {escape(failure.message)}", hanging="  ")
    hint = [f"  hint: {escape(failure.hint)}"] if failure.hint else []
    return "\n".join([*(palette.paint("risk", line) for line in lines), *hint]) + "\n"


class _PlanText:
    """Lays out one view."""

    def __init__(self, palette: Palette, full: bool) -> None:
        self._paint = palette.paint
        self._full = full

    def lines(self, view: PlanView) -> Iterator[str]:
        for line in view.header:
            yield from (self._paint("strong", part) for part in wrap(escape(line), hanging="  "))
        for sentence in view.compared:
            yield from (self._paint("strong", part) for part in wrap(escape(sentence), hanging="  "))
        yield from self._findings("Blocks an apply", view.blocking)
        yield from self._findings("Warnings", view.warnings)
        for section in view.sections:
            yield from self._section(section)
        if view.messages:
            yield from ("", self._paint("strong", "Messages that will be sent"))
            for message in view.messages:
                yield from self._message(message)
        yield from self._findings("Notes", view.notes)
        yield ""
        for aside in view.asides:
            yield from wrap(escape(aside), hanging="  ")
        if view.risks:
            yield from (self._paint("risk", part) for part in wrap(f"! {'. '.join(view.risks)}.", hanging="  "))
        yield from map(self._summary, wrap(view.summary))
        if view.digest:
            yield f"Digest {escape(view.digest)}"
        if view.next_step:
            yield from _step("Next: ", view.next_step)

    def _summary(self, line: str) -> str:
        """The counts in the colours of their signs."""
        if not _COUNT.search(line):
            return self._paint("strong", line)
        return _COUNT.sub(lambda count: self._paint(_COUNTED[count["what"]], count[0]), line)

    def _section(self, section: Section) -> Iterator[str]:
        yield from ("", self._paint("risk" if section.risk else "strong", section.title))
        for entry in section.entries:
            if isinstance(entry, Rest):
                yield from self._rest(entry)
            else:
                yield from self._entry(entry)

    def _entry(self, entry: Entry) -> Iterator[str]:
        sign = SIGNS[entry.action]
        if entry.count == 1:
            title = f"  {sign} {escape(entry.addresses[0])}"
        else:
            same = "the same change on " if entry.action is Action.UPDATE else ""
            title = f"  {sign} {same}{many(entry)}"
        yield self._paint(_STYLES[sign], title)
        if entry.count > 1:
            names = [address.partition("/")[2].removeprefix(f"{entry.container}/") for address in entry.addresses]
            more = f" and {entry.count - len(names):,} more" if entry.count > len(names) else ""
            yield from wrap(escape(", ".join(names)) + more, ROW_INDENT)
        for words in entry.words:
            yield from wrap(escape(words), ROW_INDENT, hanging=ROW_INDENT + "  ")
        for row in entry.rows:
            yield from self._row(row, ROW_INDENT, new=entry.action is Action.CREATE)

    def _rest(self, rest: Rest) -> Iterator[str]:
        yield f"  {SIGNS[rest.action]} ... and {many(rest, 'more ')} (--full lists all)"
        if rest.fields:
            fields = ", ".join(f"{escape(name)} on {count:,}" for name, count in rest.fields)
            yield from wrap(f"fields: {fields}", ROW_INDENT, hanging=ROW_INDENT + "  ")

    def _row(self, row: Row, indent: str, *, new: bool = False) -> Iterator[str]:
        lines = list(self._row_lines(row, indent, new))
        if row.weakens:
            mark = "  ! weaker"
            fits = columns(lines[0]) + len(mark) <= WIDTH
            lines = [lines[0] + mark, *lines[1:]] if fits else [*lines, f"{indent}  ! weaker"]
        if len(lines) > LONGEST_BLOCK and not self._full:
            lines = [*lines[:LONGEST_BLOCK], f"{indent}  ... and {len(lines) - LONGEST_BLOCK:,} more lines (--full)"]
        style: Style = "risk" if row.weakens else _STYLES[row.sign]
        yield from (line if new else self._paint(style, line) for line in lines)

    def _row_lines(self, row: Row, indent: str, new: bool) -> Iterator[str]:
        name = escape(row.name)
        if row.inside:
            yield f"{indent}{name}:"
            for inner in row.inside:
                yield from self._inner(inner, indent + "  ")
        elif row.sign == "~":
            yield from _both_sides(name, row.before, row.after, indent)
        else:
            sign = "" if new else f"{row.sign} "
            value = row.after if row.sign == "+" else row.before
            yield from _one_side(sign + name, value, indent)

    def _inner(self, row: Row, indent: str) -> Iterator[str]:
        name = escape(row.name)
        if row.sign == "~":
            yield from _both_sides(f"~ {name}", row.before, row.after, indent)
            return
        value = row.after if row.sign == "+" else row.before
        if name:
            yield from _one_side(f"{row.sign} {name}", value, indent)
        else:
            yield from wrap(shortened(_value(value)), f"{indent}{row.sign} ", hanging=indent + "  ")

    def _findings(self, title: str, notes: Iterable[FindingNote]) -> Iterator[str]:
        for index, note in enumerate(notes):
            style: Style = "risk" if note.severity is Severity.BLOCK else "strong"
            if index == 0:
                yield from ("", self._paint(style, title))
            sign = "!" if note.severity in (Severity.BLOCK, Severity.WARN) else "i"
            yield from self._note(f"  {sign} {note.code}", style, note.addresses, note.count)
            text = f"{note.reason} {note.detail}".strip()
            yield from wrap(escape(text), ROW_INDENT)
            if note.next_step:
                yield from _step(f"{ROW_INDENT}next: ", note.next_step)

    def _message(self, message: MessageNote) -> Iterator[str]:
        yield from self._note(f"  * {message.kind}", "strong", message.addresses, message.count)
        yield from wrap(escape(message.text), ROW_INDENT)

    def _note(self, title: str, style: Style, addresses: tuple[str, ...], count: int) -> Iterator[str]:
        """A title with the one address it is about, or with how many and which ones."""
        title = escape(title)
        if count == 1:
            address = escape(addresses[0]) if addresses else ""
            if columns(title) + 2 + columns(address) <= WIDTH:
                yield self._paint(style, title) + (f"  {address}" if address else "")
            else:
                yield from (self._paint(style, title), f"{ROW_INDENT}{address}")
            return
        yield f"{self._paint(style, title)}  {count:,} times"
        more = f" and {count - len(addresses):,} more" if count > len(addresses) else ""
        yield from wrap(escape(", ".join(addresses)) + more, ROW_INDENT)


def _value(value: JsonValue) -> str:
    return escape(value) if isinstance(value, Words) else flow(value)


def _one_side(name: str, value: JsonValue, indent: str) -> list[str]:
    if isinstance(value, Words):
        return wrap(f"{name}: {escape(value)}", indent, hanging=indent + "  ")
    return block(name, value, indent)


def _both_sides(name: str, before: JsonValue, after: JsonValue, indent: str) -> list[str]:
    if isinstance(before, Words) and before == after:
        return wrap(f"{name}: {escape(before)}, another value", indent, hanging=indent + "  ")
    old, new = shortened_pair(_value(before), _value(after))
    line = f"{indent}{name}: {old} -> {new}"
    if columns(line) <= WIDTH:
        return [line]
    inner = indent + "  "
    return [
        f"{indent}{name}:",
        *wrap(old, f"{inner}- ", hanging=f"{inner}  "),
        *wrap(new, f"{inner}+ ", hanging=f"{inner}  "),
    ]


def _step(label: str, step: str) -> list[str]:
    """What to do next: a command stays on one line, so that it can be copied, words are wrapped."""
    whole = f"{label}{escape(step)}"
    if columns(whole) <= WIDTH or _COMMAND.search(step):
        return [whole]
    indent = " " * (len(label) - len(label.lstrip()))
    return wrap(whole.lstrip(), indent, hanging=indent + "  ")


_COMMAND = re.compile(r"(?:^|: )(?:pac|export) ")
