"""Texts that want to be more than text, and plans that are full of them."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import strategies as st

from pool_as_code.core.address import Address
from pool_as_code.core.diagnostics import Severity
from pool_as_code.core.fieldpath import Item
from pool_as_code.core.rights import Grant, Right
from pool_as_code.plan.model import Action, Change, Effect, EffectNote, FieldChange, Finding, Plan
from tests.render.plans import TARGET, a_plan, created, updated

FRAGMENTS = (
    "</code></pre></details></summary>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- hidden",
    "-->",
    "--",
    "```",
    "````\n\n# title",
    "~~~",
    "`",
    "|",
    "\\|",
    "\\",
    "@octocat",
    "user@example.com",
    "#123",
    "GH-7",
    "octo/repo#7",
    "deadbeefcafe",
    "http://evil.example/",
    "https://evil.example",
    "www.evil.example",
    "mailto:a@b.example",
    "[text](http://evil.example)",
    "![image](http://evil.example/x.png)",
    "[ref]: http://evil.example",
    "<http://evil.example>",
    "**bold**",
    "_it_",
    "~~gone~~",
    "- [ ] task",
    "1. one",
    "> quote",
    "# title",
    "---",
    "===",
    "    code",
    "&lt;b&gt;",
    "&#64;octocat",
    ":tada:",
    "$x$",
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202etxt.exe",
    "\u2066\u200b\ufeff\u00ad",
    "\r\n",
    "\n\n",
    "\t",
    "\u2028",
    "\x00",
    "\ud800",
    "e\u0301\u0301\u0301\u0301\u0301\u0301",
    "漢字",
    "🙂",
    " ",
    "x",
)
HOSTILE = (
    "two\nlines\r- pool/everything",
    "x" * 5000,
    "e" + "\u0301" * 200,
    *(text for text in FRAGMENTS if text.strip()),
    "".join(FRAGMENTS),
    " ".join(FRAGMENTS),
    "\n".join(FRAGMENTS),
)
TEXTS = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map(" ".join),
    st.text(st.characters(exclude_categories=()), max_size=40),
)


def hostile_plan(text: str) -> Plan:
    """A plan with one text wherever a manifest, a store or a plan file can put one."""
    fields = (
        FieldChange(("description",), "before", text),
        FieldChange(("description",), text, None, weakens=True),
        FieldChange(("extra", text or "x"), {text: [text]}, {text: [text, text]}),
        FieldChange((text or "x",), text, text, personal=True),
        FieldChange(("list",), [text], [text, "b"]),
        FieldChange(("groups", Item(text)), None, text, Effect.ADD),
        FieldChange(("identifiers", Item(f"email:{text}")), {"email": text}, None, Effect.REMOVE, personal=True),
    )
    address = f"group/customers/{text or 'x'}"
    return a_plan(
        created(address, {"displayName": text, "description": text}, metadata={"parent": text}),
        created(f"user/{text or 'x'}/{text or 'x'}", {"profile": {text: text}, "groups": [text], text: text}),
        created("schema/s", {"schema": {text: {text: [text] * 30}}}),
        updated(address, *fields),
        *(updated(f"{address}{n}", *fields) for n in range(3)),
        *(updated(f"user/p/{n}", FieldChange((text or "x",), n, text)) for n in range(25)),
        Change(Address.parse(address), Action.ADOPT, reason=text),
        Change(Address.parse(address), Action.DELETE, reason=text),
        findings=tuple(Finding(text, severity, text, address, text, text) for severity in Severity),
        effects=(EffectNote(text, address, text),),
        rights=tuple(Right(text, text, text, grant, (Address.parse(address),), text, text) for grant in Grant),
        orphaned=(Address.parse(address),),
        unmanaged={text: 2},
        target=replace(TARGET, store=text, project=text, project_name=text, environment=text),
    )


def assert_harmless(text: str) -> None:
    """Nothing in it that a terminal obeys, hides or reorders, and no line that a value made."""
    bad = {c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert not bad, ascii("".join(bad))
    assert "\n- pool/everything" not in text
    assert "\u0301" * 5 not in text
