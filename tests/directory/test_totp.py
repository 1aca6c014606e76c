from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.directory.totp import (
    STEP_SECONDS,
    TotpSecretInvalid,
    counter_at,
    matched_counter,
    parse_totp_secret,
    totp_code,
)

RFC_SECRET = b"12345678901234567890"
# RFC 6238, appendix B, SHA-1: seconds and the code of eight digits. RFC 4226, appendix D: the codes of counters 0 to 9.
RFC_6238 = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
NOW = 1_700_000_000.5


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert totp_code(RFC_SECRET, counter_at(seconds), digits=8) == code
    assert matched_counter(RFC_SECRET, code[2:], seconds) == seconds // 30


def test_the_vectors_of_rfc_4226() -> None:
    assert [totp_code(RFC_SECRET, counter) for counter in range(10)] == RFC_4226


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_one_step_early_or_late_is_accepted(steps: int, accepted: bool) -> None:
    counter = counter_at(NOW) + steps
    assert matched_counter(RFC_SECRET, totp_code(RFC_SECRET, counter), NOW) == (counter if accepted else None)


def test_a_code_is_accepted_once() -> None:
    code = totp_code(RFC_SECRET, counter_at(NOW))
    used = matched_counter(RFC_SECRET, code, NOW)
    assert used == counter_at(NOW)
    assert matched_counter(RFC_SECRET, code, NOW, last_counter=used) is None
    assert matched_counter(RFC_SECRET, code, NOW + STEP_SECONDS, last_counter=used) is None
    following = totp_code(RFC_SECRET, used + 1)
    assert matched_counter(RFC_SECRET, following, NOW + STEP_SECONDS, last_counter=used) == used + 1


def test_after_a_late_code_was_used_an_earlier_one_is_refused() -> None:
    counter = counter_at(NOW)
    assert matched_counter(RFC_SECRET, totp_code(RFC_SECRET, counter - 1), NOW, last_counter=counter + 1) is None
    assert matched_counter(RFC_SECRET, totp_code(RFC_SECRET, counter), NOW, last_counter=counter - 1) == counter


def test_the_first_step_of_the_epoch_has_no_step_before_it() -> None:
    assert matched_counter(RFC_SECRET, RFC_4226[0], 0.0) == 0
    assert matched_counter(RFC_SECRET, RFC_4226[0], 0.0, last_counter=0) is None


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666", "-12345", "12345\n", "1.0e10"]
)
def test_what_is_no_code_of_six_digits_is_not_accepted(code: str) -> None:
    assert matched_counter(RFC_SECRET, code, NOW) is None


def test_a_code_may_be_typed_with_the_space_that_apps_show() -> None:
    code = totp_code(RFC_SECRET, counter_at(NOW))
    assert matched_counter(RFC_SECRET, f"{code[:3]} {code[3:]}", NOW) == counter_at(NOW)


@given(st.text(max_size=12))
def test_no_text_breaks_the_check(code: str) -> None:
    expected = {totp_code(RFC_SECRET, counter_at(NOW) + step) for step in (-1, 0, 1)}
    assert (matched_counter(RFC_SECRET, code, NOW) is not None) is (code.replace(" ", "") in expected)


@given(st.binary(min_size=10, max_size=128))
def test_a_secret_is_read_in_every_form_that_people_paste(secret: bytes) -> None:
    text = base64.b32encode(secret).decode()
    bare = text.rstrip("=")
    groups = " ".join(bare[start : start + 4] for start in range(0, len(bare), 4))
    for form in (text, bare, bare.lower(), groups, groups.replace(" ", "-")):
        assert parse_totp_secret(form) == secret


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "10 to 128 bytes"),
        ("JBSWY3DP", "10 to 128 bytes"),
        (base64.b32encode(b"x" * 129).decode(), "10 to 128 bytes"),
        ("JBSWY3DPEHPK3PX1", "not base32"),
        ("JBSWY3DPEHPK3PXPA", "not base32"),
        ("JBSWY3DP=EHPK3PXP", "not base32"),
        ("correct-horse-battery!", "not base32"),
        ("\N{LATIN SMALL LETTER SHARP S}" * 16, "not base32"),
    ],
)
def test_what_is_no_secret_is_refused_without_repeating_it(text: str, reason: str) -> None:
    with pytest.raises(TotpSecretInvalid, match=reason) as caught:
        parse_totp_secret(text)
    assert not text or text not in f"{caught.value!r} {caught.value.hint}"
    assert caught.value.__cause__ is None


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        secret = parse_totp_secret(text)
    except TotpSecretInvalid:
        return
    assert 10 <= len(secret) <= 128
