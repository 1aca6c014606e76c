"""Messages as text: their form, and that nothing in them can play with a terminal."""

from pool_as_code.core.diagnostics import Diagnostic, Location, Severity
from pool_as_code.render.diagnostics import diagnostic_text, diagnostics_text


def test_place_severity_code_and_summary_stand_on_the_first_line() -> None:
    found = Diagnostic("PAC203", "unknown key 'x'", hint="did you mean y?", location=Location("a.yaml", 3, 5))
    assert diagnostic_text(found) == "a.yaml:3:5: error PAC203: unknown key 'x'\n  hint: did you mean y?"


def test_detail_stands_between_summary_and_hint_line_by_line() -> None:
    found = Diagnostic("PAC205", "wrong", Severity.WARN, detail="found a\nexpected b", hint="write b")
    assert diagnostic_text(found) == "warning PAC205: wrong\n  found a\n  expected b\n  hint: write b"


def test_without_a_place_the_object_is_named() -> None:
    assert diagnostic_text(Diagnostic("PAC1", "gone", address="pool/a")) == "pool/a: error PAC1: gone"


def test_nothing_in_a_message_reaches_the_terminal_as_a_command() -> None:
    evil = "\x1b[2J\x9b1m\u202e\u2066\u200b\r\x07"
    found = Diagnostic(evil, evil, detail=evil, hint=evil, location=Location(f"a{evil}.yaml", 1, 1))
    text = diagnostic_text(found)
    assert text.replace("\n", "").isprintable()
    assert "\\x1b[2J" in text
    assert len(text.split("\n")) == 3


def test_many_messages_stand_below_each_other() -> None:
    one, other = Diagnostic("PAC1", "a"), Diagnostic("PAC2", "b")
    assert diagnostics_text([one, other]) == "error PAC1: a\nerror PAC2: b\n"
    assert diagnostics_text([]) == ""
