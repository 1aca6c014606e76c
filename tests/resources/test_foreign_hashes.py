from __future__ import annotations

import base64
import hashlib
from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.resources.foreign_hashes import parse_foreign, read_hash
from pool_as_code.resources.hash_configs import Argon2Config, Md5Config, Pbkdf2Config, ShaConfig, UnsupportedHash
from pool_as_code.resources.stored_hash import StoredHash, service_can_hold

ARGON2 = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
PASSLIB = "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M"
BCRYPT = "$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K"
SHA_CRYPT = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
SSHA = "{SSHA}" + base64.b64encode(hashlib.sha1(b"hello" + b"saltsalt").digest() + b"saltsalt").decode()


def test_a_phc_string_of_argon2_is_read_in_full() -> None:
    stored = parse_foreign(ARGON2)
    assert stored.config == Argon2Config(2, 65536, 1, 32, "c29tZXNhbHQ=", 8)
    assert stored.parts()[1] == b"somesalt"
    assert service_can_hold(stored)


def test_the_order_of_parameters_and_padding_do_not_matter() -> None:
    assert parse_foreign(ARGON2.replace("m=65536,t=2,p=1", "p=1,m=65536,t=2") + "=") == parse_foreign(ARGON2)
    assert parse_foreign(f"  {ARGON2}\n") == parse_foreign(ARGON2)


def test_other_variants_and_versions_of_argon2_are_kept_apart_and_stay_local() -> None:
    for variant in ("argon2i", "argon2d"):
        stored = parse_foreign(ARGON2.replace("argon2id", variant))
        assert stored.to_json()["config"]["argon2"]["variant"] == variant  # type: ignore[index,call-overload]
        assert not service_can_hold(stored)
    old = parse_foreign(ARGON2.replace("$v=19", ""))
    assert isinstance(old.config, Argon2Config)
    assert old.config.version == 16
    assert not service_can_hold(old)


def test_passlib_s_pbkdf2_and_the_phc_string_are_the_same() -> None:
    phc = PASSLIB.replace("$6400$", "$i=6400,l=32$")
    assert parse_foreign(PASSLIB) == parse_foreign(phc) == parse_foreign(phc.replace(",l=32", ""))
    assert parse_foreign(PASSLIB).config == Pbkdf2Config("sha256", 6400, 32, "0ZrzXitFSGltTQnBWOsdAw==", 16)


def test_passlib_writes_a_dot_for_a_plus() -> None:
    key = b"\xfb\xef" * 10
    text = "$pbkdf2$1000$..$" + base64.b64encode(key).decode().rstrip("=").replace("+", ".")
    with pytest.raises(UnsupportedHash):
        parse_foreign(text.replace("..", "."))
    stored = parse_foreign(text)
    assert stored.parts() == (key, base64.b64decode("++=="))
    assert isinstance(stored.config, Pbkdf2Config)
    assert stored.config.function == "sha1"


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
def test_bcrypt_keeps_its_text(prefix: str) -> None:
    text = prefix + BCRYPT[4:]
    assert parse_foreign(text).to_json() == {"value": text, "config": {"method": "bcrypt", "bcrypt": {"cost": 10}}}


def test_sha_crypt_is_read_with_its_rounds() -> None:
    assert parse_foreign(SHA_CRYPT).config == ShaConfig("sha256", "saltstring", 10, variant="crypt", rounds=5000)
    stored = parse_foreign(SHA_CRYPT.replace("$5$", "$5$rounds=10000$"))
    assert isinstance(stored.config, ShaConfig)
    assert stored.config.rounds == 10000
    assert StoredHash.from_json(stored.to_json()) == stored


def test_ldap_schemes_say_function_and_salt() -> None:
    assert parse_foreign(SSHA).config == ShaConfig("sha1", base64.b64encode(b"saltsalt").decode(), 8, True)
    for bits in (256, 384, 512):
        digest = hashlib.new(f"sha{bits}", b"hello").digest()
        for scheme, raw in ((f"{{SSHA{bits}}}", digest + b"abcd"), (f"{{sha{bits}}}", digest)):
            stored = parse_foreign(scheme + base64.b64encode(raw).decode())
            assert stored.parts() == (digest, raw[len(digest) :])
    assert parse_foreign("{MD5}" + hashlib.md5(b"hello").hexdigest()).config == Md5Config()
    assert parse_foreign("{SMD5}" + base64.b64encode(b"d" * 16 + b"salt").decode()).parts() == (b"d" * 16, b"salt")


def test_ldap_schemes_that_wrap_another_notation_are_unwrapped() -> None:
    assert parse_foreign("{CRYPT}" + SHA_CRYPT) == parse_foreign(SHA_CRYPT)
    assert parse_foreign("{BCRYPT}" + BCRYPT) == parse_foreign(BCRYPT)
    assert parse_foreign("{ARGON2}" + ARGON2) == parse_foreign(ARGON2)
    assert parse_foreign("{PBKDF2-SHA256}" + PASSLIB.removeprefix("$pbkdf2-sha256$")) == parse_foreign(PASSLIB)
    assert parse_foreign("{PBKDF2_SHA256}" + PASSLIB.removeprefix("$pbkdf2-sha256$")) == parse_foreign(PASSLIB)


@pytest.mark.parametrize("text", [ARGON2, PASSLIB, BCRYPT, SHA_CRYPT, SSHA])
def test_the_json_form_is_read_as_text_and_as_map(text: str) -> None:
    stored = parse_foreign(text)
    assert parse_foreign(orjson.dumps(stored.to_json()).decode()) == stored
    assert read_hash(stored.to_json()) == read_hash(text) == stored


REFUSED = {
    "": "empty or blurred",
    "###": "empty or blurred",
    "hunter2": "no known form",
    "$": "no known form",
    "rl.3StKT.4T8M": "no known form",
    "a" * 5000: "too long",
    "$scrypt$ln=14,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD-iCs5E": "scrypt",
    "{SCRYPT}abc": "scrypt",
    "$y$j9T$abc$def": "yescrypt",
    "$1$abc$qJvxR4LaXPTUXq2M6VLVB0": "md5-crypt",
    "$apr1$abc$qJvxR4LaXPTUXq2M6VLVB0": "md5-crypt",
    "$P$B123456789012345678901234567890": "phpass",
    BCRYPT.replace("$2b$", "$2x$"): "early form of bcrypt",
    BCRYPT.replace("$2b$", "$2c$"): "modular crypt form",
    BCRYPT.replace("$10$", "$31$"): "4 to 16",
    BCRYPT.replace("$10$", "$1x$"): "modular crypt form",
    BCRYPT.replace("$10$", "$\u0661\u0660$"): "modular crypt form",
    BCRYPT + "x": "modular crypt form",
    "{CLEARTEXT}hunter2": "clear text",
    "{CRYPT}rl.3StKT.4T8M": "traditional crypt",
    "{WHIRLPOOL}abc": "LDAP scheme is not supported",
    "{SSHA}abc": "length that its scheme asks for",
    "{SHA}" + base64.b64encode(b"x" * 21).decode(): "length that its scheme asks for",
    "{PBKDF2-SHA3}1000$abc$def": "pbkdf2 hash is not complete",
    "{not json": "neither an LDAP scheme nor JSON",
    '{"value": 1}': "no value",
    "{" * 3000: "neither an LDAP scheme nor JSON",
    "$argon2id$abc": "complete PHC string",
    ARGON2.replace("argon2id", "argon2"): "complete PHC string",
    ARGON2.replace("m=65536", "m=1048577"): "more than 1 GiB",
    ARGON2.replace("t=2", "t=999999999"): "8 GiB",
    ARGON2.replace("t=2", "t=99999999999"): "not a number",
    ARGON2.replace("t=2", "t=\u0662"): "not a number",
    ARGON2.replace("t=2", "t="): "not a number",
    ARGON2.replace("t=2", "t=2,t=2"): "each once",
    ARGON2.replace(",p=1", ""): "needs m, t, p",
    ARGON2.replace("p=1", "p=1,keyid=abc"): "other parameters than m, p, t",
    ARGON2.replace("v=19", "v=18"): "version",
    ARGON2[:-1] + "!": "complete PHC string",
    ARGON2[:-2]: "not base64",
    PASSLIB.replace("6400", "10000001"): "more than 10,000,000",
    PASSLIB.replace("6400", "i=6400,l=31"): "length that the hash names",
    PASSLIB.replace("6400", "i=6400,c=1"): "other parameters",
    PASSLIB.replace("6400", "0"): "iterations",
    PASSLIB.replace("sha256", "md5"): "not complete",
    SHA_CRYPT[:-1]: "not complete",
    SHA_CRYPT.replace("$5$", "$6$"): "not complete",
    SHA_CRYPT.replace("$5$", "$5$rounds=999$"): "1,000 to 1,000,000",
    SHA_CRYPT.replace("$5$", "$5$rounds=1000001$"): "1,000 to 1,000,000",
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items(), ids=lambda part: ascii(part[:24]))
def test_what_can_not_be_carried_over_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UnsupportedHash) as caught:
        parse_foreign(text)
    assert reason in caught.value.reason
    assert len(text) < 4 or text not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    "text",
    [
        "{0}",
        "${0}$",
        "$argon2id${0}$",
        "$2b$10${0}",
        "{{{0}}}",
        '{{"{0}": 1}}',
        '{{"value": "{0}", "{0}": "{0}"}}',
        "$6${0}",
    ],
)
@pytest.mark.parametrize("secret", ["correct-horse", "Tr0ub4dor"])
def test_a_password_written_by_mistake_is_not_repeated(text: str, secret: str) -> None:
    with pytest.raises(UnsupportedHash) as caught:
        parse_foreign(text.format(secret))
    shown = f"{caught.value!r} {caught.value} {caught.value.hint} {caught.value.__dict__}"
    assert secret not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


VALID = st.sampled_from(
    [ARGON2, PASSLIB, BCRYPT, SHA_CRYPT, SSHA, orjson.dumps(parse_foreign(ARGON2).to_json()).decode()]
)


@given(VALID, st.data())
def test_no_mutation_of_a_hash_raises_anything_else(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 6, len(text))))
    mutated = (
        text[:start]
        + data.draw(st.text(max_size=6) | st.sampled_from(["$", ",", "=", "9" * 12, "}", "0"]))
        + text[end:]
    )
    try:
        stored = parse_foreign(mutated)
    except UnsupportedHash:
        return
    assert StoredHash.from_json(stored.to_json()) == stored


PREFIXES = ["", "$", "{", "$argon2id$v=19$", "$pbkdf2-sha256$", "$2b$10$", "{SSHA}", "{CRYPT}", '{"value": "']


@given(st.text(max_size=60) | st.text(alphabet='${}"=,:0123456789abcdefimptv./+-[]', max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    for prefix in PREFIXES:
        with suppress(UnsupportedHash):
            parse_foreign(prefix + text)


@given(st.text(alphabet="QXZJ$", min_size=4, max_size=60))
def test_no_text_is_repeated(text: str) -> None:
    shown = ""
    for prefix in PREFIXES:
        try:
            parse_foreign(prefix + text)
        except UnsupportedHash as error:
            shown += f"{error} {error.hint}"
    assert text not in shown
