"""The parser's complaints about broken syntax in the words of this product, with the edit that repairs the usual slips."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..edits import Edit
from .problems import YamlProblem
from .surrogates import SURROGATE_PAIR, combined

if TYPE_CHECKING:
    from yaml.error import MarkedYAMLError

_ENTRY = re.compile(r"(?P<lead>[ ]*(?:- +)*[^\s:#'\"\[\]{},][^:#'\"\[\]{},]*:[ ]+)(?P<value>\S.*?)[ ]*(?:[ ]#.*)?$")
_GLUED = re.compile(r"[ ]*(?:- +)*[\w.$-]+:(?=[^\s:/])")
_BLANK_LEAD = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class _Broken:
    """A complaint: places are those of the parser (from 0), relative to `lines`."""

    problem: str
    context: str
    line: int
    column: int
    opened: tuple[int, int] | None
    lines: Sequence[str]

    def text(self, line: int) -> str:
        return self.lines[line] if line < len(self.lines) else ""


def syntax_problem(error: MarkedYAMLError, lines: Sequence[str], first_line: int) -> YamlProblem:
    """The problem for an exception of the parser. `lines` is the text it was given, `first_line` the line of the file (from
    0) at which that text begins."""
    mark, opened = error.problem_mark, error.context_mark
    broken = _Broken(
        error.problem or "",
        error.context or "",
        mark.line if mark else 0,
        mark.column if mark else 0,
        (opened.line, opened.column) if opened else None,
        lines,
    )
    for explain in (
        _tab,
        _glued_colon,
        _needs_quotes,
        _escape,
        _version,
        _tag,
        _list_item,
        _document_start,
        _unclosed,
        _ends_inside,
    ):
        problem = explain(broken)
        if problem is not None:
            break
    else:
        problem = _anything_else(broken)
    return _moved(problem, first_line)


def _moved(problem: YamlProblem, by: int) -> YamlProblem:
    edits = tuple(edit._replace(line=edit.line + by) for edit in problem.edits)
    return YamlProblem(problem.code, problem.summary, problem.line + by, problem.column, problem.hint, edits)


def _tab(broken: _Broken) -> YamlProblem | None:
    line = broken.line
    lead = _lead(broken.text(line))
    if "tab" not in broken.problem and not ("cannot start any token" in broken.problem and broken.column < len(lead)):
        return None
    if "\t" not in lead:
        return None
    edits = []
    at = line
    while "\t" in (lead := _lead(broken.text(at))):
        edits.append(Edit(at + 1, 1, len(lead), lead.expandtabs(2)))
        at += 1
    column = _lead(broken.text(line)).index("\t") + 1
    return YamlProblem("PAC102", "a tab in the indentation", line + 1, column, "indent with spaces", tuple(edits))


def _lead(text: str) -> str:
    match = _BLANK_LEAD.match(text)
    return match[0] if match else ""


def _glued_colon(broken: _Broken) -> YamlProblem | None:
    """`key:value` reads as one text, and the parser stumbles over what follows."""
    if "could not find expected ':'" not in broken.problem and "mapping values" not in broken.problem:
        return None
    candidates = [broken.line, broken.line - 1] if broken.opened is None else [broken.opened[0]]
    for line in candidates:
        match = _GLUED.match(broken.text(line)) if line >= 0 else None
        if match:
            column = match.end() + 1
            hint = "put a space behind the colon"
            return YamlProblem(
                "PAC107", "a colon without a space behind it", line + 1, column, hint, (Edit(line + 1, column, 0, " "),)
            )
    return None


def _needs_quotes(broken: _Broken) -> YamlProblem | None:
    """`key: text: more`, `key: @text`, `key: "text" more`: the value as a whole wants quotes."""
    text = broken.text(broken.line)
    match = _ENTRY.match(text)
    if match is None or broken.column < match.start("value"):
        return None
    value = match["value"]
    if "mapping values" in broken.problem:
        what = "a plain text holds ': '"
    elif "cannot start any token" in broken.problem or ("alphabetic" in broken.problem and value[0] in "*&"):
        what = f"a plain text can not begin with {value[0]}"
    else:
        return None
    column = match.start("value") + 1
    quoted = "'" + value.replace("'", "''") + "'"
    edit = Edit(broken.line + 1, column, len(value), quoted)
    return YamlProblem("PAC106", what, broken.line + 1, column, "put the whole value in quotes", (edit,))


def _escape(broken: _Broken) -> YamlProblem | None:
    if "escape" not in broken.problem:
        return None
    text, line = broken.text(broken.line), broken.line + 1
    column = text.rfind("\\", 0, broken.column + 1)  # the parser's own place is before or behind the letter
    if pair := SURROGATE_PAIR.match(text, column):
        escape = f"\\U{ord(combined(pair)):08X}"
        summary, hint = "a character escaped as two halves, which is JSON and not YAML", f"write it as {escape}"
        edit = Edit(line, column + 1, len(pair[0]), escape)
    elif "invalid Unicode" in broken.problem:
        return YamlProblem("PAC108", "an escape that is no character", line, column + 1, "write the character itself")
    else:
        summary, hint = "an escape that YAML does not know", "double the backslash, or use single quotes"
        edit = Edit(line, column + 1, 0, "\\")
    return YamlProblem("PAC108", summary, line, column + 1, hint, (edit,))


def _version(broken: _Broken) -> YamlProblem | None:
    if "incompatible YAML document" not in broken.problem and "%YAML directive" not in broken.context:
        return None
    line = broken.opened[0] if broken.opened else broken.line
    edit = Edit(line + 1, 1, len(broken.text(line)), "%YAML 1.2")
    return YamlProblem("PAC121", "the file asks for another YAML than 1.2", line + 1, 1, "write %YAML 1.2", (edit,))


def _tag(broken: _Broken) -> YamlProblem | None:
    if "tag" not in broken.problem and "tag" not in broken.context:
        return None
    line, column = broken.opened or (broken.line, broken.column)
    match = re.compile(r"![^\s,\[\]{}]*[ ]*").match(broken.text(line), column)
    edits = (Edit(line + 1, column + 1, len(match[0]), ""),) if match else ()
    return YamlProblem("PAC120", "a tag", line + 1, column + 1, "delete it", edits)


def _list_item(broken: _Broken) -> YamlProblem | None:
    """`key: - item`."""
    if "block sequence entries" not in broken.problem:
        return None
    lead = re.match(r"[ ]*(?:- +)*", broken.text(broken.line))
    edit = Edit(broken.line + 1, broken.column + 1, 0, "\n" + " " * ((lead.end() if lead else 0) + 2))
    hint = "put the first '- ' on a line of its own"
    return YamlProblem("PAC101", "a list item can not stand here", broken.line + 1, broken.column + 1, hint, (edit,))


def _document_start(broken: _Broken) -> YamlProblem | None:
    if "document start" not in broken.problem:
        return None
    edit = Edit(broken.line + 1, 1, 0, "---\n")
    summary, hint = "only `---` can follow the end of a document", "put `---` before the next document"
    return YamlProblem("PAC101", summary, broken.line + 1, broken.column + 1, hint, (edit,))


def _unclosed(broken: _Broken) -> YamlProblem | None:
    quoted = "quoted scalar" in broken.context and "unexpected" in broken.problem
    flow = "flow" in broken.context and "expected ','" in broken.problem
    if not (quoted or flow) or broken.opened is None:
        return None
    line, column = broken.opened
    what = "a quoted text" if quoted else "a list [...]" if "sequence" in broken.context else "a map {...}"
    summary = f"{what} is opened here and not closed{'' if quoted else ', or a comma is missing in it'}"
    return YamlProblem("PAC105", summary, line + 1, column + 1, "close it")


def _ends_inside(broken: _Broken) -> YamlProblem | None:
    """The text ends, or the next document begins, where a list or map in brackets wants its next value."""
    rest = [broken.text(broken.line)[broken.column :], *broken.lines[broken.line + 1 :]]
    if "flow node" not in broken.context or any(line.strip() for line in rest[:1] if not line.startswith("---")):
        return None
    summary = "the document ends inside a list [...] or map {...}"
    return YamlProblem("PAC105", summary, broken.line + 1, broken.column + 1, "close it")


def _anything_else(broken: _Broken) -> YamlProblem:
    line, column = broken.line + 1, broken.column + 1
    problem, context = broken.problem, broken.context
    hint = "look at the indentation, colons and brackets of this line and the one above"
    if "did not find expected key" in problem or "mapping values" in problem:
        summary = "a `key: value` was expected at the indentation of its neighbours"
        hint = "give this line the indentation of the keys it belongs to"
    elif "expected '-' indicator" in problem:
        summary = "a list goes on with '- ' only, and this line is none"
        hint = "begin the line with '- ', or indent it below the item above"
    elif "could not find expected ':'" in problem and broken.opened:
        line, column = broken.opened[0] + 1, broken.opened[1] + 1
        summary = "a line that is no `key: value`"
        hint = "write a colon and a space behind the key, or quote a text of several lines"
    else:
        summary = ", ".join(part for part in (problem, context) if part) or "broken syntax"
    return YamlProblem("PAC101", summary, line, column, hint)
