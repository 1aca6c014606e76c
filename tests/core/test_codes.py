"""Codes of messages: their order, their form, and that none stands twice. That each is used stands in `test_architecture`."""

import pytest

from pool_as_code.core import codes
from pool_as_code.core.codes import CODES, CodeDoc, by_code


def test_codes_stand_in_order() -> None:
    assert [doc.code for doc in CODES] == sorted(doc.code for doc in CODES)


def test_a_code_that_stands_twice_is_refused_by_both_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "CODES", (CodeDoc("PAC1", "One", "a", "b"), CodeDoc("PAC1", "Other", "a", "b")))
    by_code.cache_clear()
    with pytest.raises(ValueError, match="'One' and 'Other'"):
        by_code()
    monkeypatch.undo()
    by_code.cache_clear()


@pytest.mark.parametrize("doc", CODES, ids=lambda doc: doc.code)
def test_every_code_has_a_title_a_cause_and_a_next_step_in_sentences(doc: CodeDoc) -> None:
    assert doc.title
    assert not doc.title.endswith(".")
    assert doc.cause.endswith(".")
    assert doc.next_step.endswith(".")
