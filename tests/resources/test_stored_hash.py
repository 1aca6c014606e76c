from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.resources.foreign_hashes import parse_foreign, read_hash
from pool_as_code.resources.hash_configs import (
    Argon2Config,
    BcryptConfig,
    HashConfig,
    Md5Config,
    Pbkdf2Config,
    ShaConfig,
    UnsupportedHash,
    function_name,
    readings,
)
from pool_as_code.resources.stored_hash import StoredHash, service_can_hold

BCRYPT = "$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K"
KEY = bytes(range(100, 132))
SALT = bytes(range(1, 17))
PHC = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def argon2(value: str = b64(KEY), **changes: object) -> dict[str, object]:
    body = {
        "iterations": 2,
        "memory_in_kb": 19456,
        "parallelism": 1,
        "key_length": 32,
        "salt": b64(SALT),
        "salt_length": 16,
    }
    return {"value": value, "config": {"method": "argon2", "argon2": body | changes}}


def pbkdf2(value: str = b64(KEY), **changes: object) -> dict[str, object]:
    body = {"function": "sha256", "number_of_iterations": 1000, "key_length": 32, "salt": b64(SALT), "salt_length": 16}
    return {"value": value, "config": {"method": "pbkdf2", "pbkdf2": body | changes}}


def sha(value: str, **body: object) -> dict[str, object]:
    return {"value": value, "config": {"method": "sha", "sha": {"function": "sha256"} | body}}


ONE_OF_EACH = [
    StoredHash(BCRYPT, BcryptConfig(10)),
    StoredHash(b64(KEY), Argon2Config(2, 19456, 1, 32, b64(SALT), 16)),
    StoredHash(b64(KEY), Argon2Config(2, 19456, 1, 32, b64(SALT), 16, "argon2d", 16)),
    StoredHash(b64(KEY), Pbkdf2Config("sha256", 1000, 32, b64(SALT), 16)),
    StoredHash(b64(KEY + SALT), ShaConfig("sha256", b64(SALT), 16, salt_after_digest_in_hash=True)),
    StoredHash("$5$" + "abc$" + "x" * 43, ShaConfig("sha256", "abc", 3, variant="crypt", rounds=5000)),
    StoredHash(b64(SALT), Md5Config()),
]


@pytest.mark.parametrize("stored", ONE_OF_EACH, ids=lambda stored: stored.method)
def test_json_and_back_is_equal(stored: StoredHash) -> None:
    assert StoredHash.from_json(stored.to_json()) == stored
    assert read_hash(stored.to_json()) == stored


def test_json_has_the_service_s_field_names_and_nothing_of_ours() -> None:
    assert StoredHash(b64(KEY), Argon2Config(2, 19456, 1, 32, b64(SALT), 16)).to_json() == argon2()
    assert StoredHash(BCRYPT, BcryptConfig(10)).to_json() == {
        "value": BCRYPT,
        "config": {"method": "bcrypt", "bcrypt": {"cost": 10}},
    }
    assert StoredHash(b64(KEY), ShaConfig("sha256")).to_json()["config"] == {
        "method": "sha",
        "sha": {"function": "sha256", "salt": "", "salt_length": 0, "salt_after_digest_in_hash": False},
    }


@pytest.mark.parametrize("stored", ONE_OF_EACH, ids=lambda stored: stored.method)
def test_neither_hash_nor_salt_shows_in_any_text_form(stored: StoredHash) -> None:
    shown = f"{stored!r} {stored!s} {stored} {stored.config!r} {[stored]}"
    assert stored.value not in shown
    assert stored.value[-12:] not in shown
    assert stored.method in repr(stored)
    salt = getattr(stored.config, "salt", "")
    assert not salt or salt not in shown


def test_the_service_holds_all_but_what_needs_a_field_of_ours() -> None:
    assert [service_can_hold(stored) for stored in ONE_OF_EACH] == [True, True, False, True, True, False, True]


@pytest.mark.parametrize(
    "text", [b64(KEY), b64(KEY).rstrip("="), KEY.hex(), KEY.hex().upper(), base64.urlsafe_b64encode(KEY).decode()]
)
def test_a_value_may_be_base64_or_hex(text: str) -> None:
    assert StoredHash.from_json(argon2(text)).parts() == (KEY, SALT)
    assert StoredHash.from_json(pbkdf2(text)).parts() == (KEY, SALT)
    assert StoredHash.from_json(pbkdf2(text, key_length=0)).parts() == (KEY, SALT)


@pytest.mark.parametrize(
    ("text", "length", "salt"),
    [
        (b64(SALT), 16, SALT),
        (b64(SALT).rstrip("="), 0, SALT),
        (SALT.hex(), 16, SALT),
        (SALT.hex(), 0, SALT),
        ("NaCl", 4, b"NaCl"),
        ("NaCl", 3, base64.b64decode("NaCl")),
        ("abcd", 2, b"\xab\xcd"),
        ("abcd", 3, base64.b64decode("abcd")),
        ("abcd", 0, base64.b64decode("abcd")),
        ("", 0, b""),
    ],
)
def test_the_salt_s_length_tells_its_notation(text: str, length: int, salt: bytes) -> None:
    assert StoredHash.from_json(pbkdf2(salt=text, salt_length=length)).parts() == (KEY, salt)


def test_sha_values_hold_the_salt_before_or_after_or_not_at_all() -> None:
    salted = {"salt": b64(SALT), "salt_length": 16}
    digest = hashlib.sha256(b"x").digest()
    for raw in (
        sha(b64(digest + SALT), salt_after_digest_in_hash=True, **salted),
        sha(b64(SALT + digest), **salted),
        sha(b64(SALT + digest), salt_length=16),
        sha(b64(SALT + digest)),
        sha(b64(digest), **salted),
        sha(digest.hex(), **salted),
        sha((SALT + digest).hex(), salt=SALT.hex()),
    ):
        assert StoredHash.from_json(raw).parts() == (digest, SALT)
    assert StoredHash.from_json(sha(digest.hex())).parts() == (digest, b"")


def test_a_contradicting_or_missing_salt_is_refused() -> None:
    digest = hashlib.sha256(b"x").digest()
    for raw in (
        sha(b64(SALT + digest), salt=b64(b"y" * 16), salt_length=16),
        sha(b64(SALT + digest), salt=b64(SALT), salt_length=8),
        sha(b64(digest), salt_length=16),
        sha(b64(SALT + digest), salt_length=12),
        sha(b64(digest), salt="!", salt_length=0),
    ):
        with pytest.raises(UnsupportedHash, match=r"salt|value"):
            StoredHash.from_json(raw)


def test_zero_values_and_empty_methods_are_as_good_as_absent() -> None:
    raw = {
        "value": BCRYPT,
        "config": {
            "method": "bcrypt",
            "bcrypt": {"cost": 0},
            "argon2": None,
            "sha": {"function": "", "salt": None, "salt_length": 0, "salt_after_digest_in_hash": False},
        },
    }
    assert StoredHash.from_json(raw) == StoredHash(BCRYPT, BcryptConfig())
    assert StoredHash.from_json({"value": BCRYPT, "config": {"method": "bcrypt"}}) == StoredHash(BCRYPT, BcryptConfig())


def test_a_phc_string_as_value_is_read_as_such() -> None:
    same = {"iterations": 2, "memory_in_kb": 65536, "parallelism": 1, "key_length": 0, "salt": "", "salt_length": 0}
    assert StoredHash.from_json(argon2(PHC, **same)) == parse_foreign(PHC)
    pbkdf2_phc = "$pbkdf2-sha256$i=1000,l=32$" + b64(SALT).rstrip("=") + "$" + b64(KEY).rstrip("=")
    assert StoredHash.from_json(pbkdf2(pbkdf2_phc, function="SHA-256")) == parse_foreign(pbkdf2_phc)
    with pytest.raises(UnsupportedHash, match="differ"):
        StoredHash.from_json(argon2(PHC, **same | {"iterations": 3}))
    with pytest.raises(UnsupportedHash, match="differ"):
        StoredHash.from_json(pbkdf2(PHC))


@pytest.mark.parametrize(
    "text", ["sha256", "SHA256", "SHA-256", "sha-256", "HmacSHA256", "hmac-sha256", "PBKDF2WithHmacSHA256"]
)
def test_function_names_are_read_in_the_spellings_of_other_programs(text: str) -> None:
    assert function_name(text) == "sha256"
    assert StoredHash.from_json(pbkdf2(function=text)).to_json() == pbkdf2(function=text)


REFUSED: dict[str, tuple[object, str]] = {
    "no map": ([], "not a map"),
    "text": ("###", "not a map"),
    "no value": ({"config": {"method": "md5"}}, "no value"),
    "value of wrong type": ({"value": 7, "config": {"method": "md5"}}, "no value"),
    "blurred": ({"value": "###", "config": {"method": "bcrypt"}}, "blurred"),
    "no config": ({"value": BCRYPT}, "not a map"),
    "no method": ({"value": BCRYPT, "config": {}}, "method is not one of bcrypt, pbkdf2, argon2, sha, md5"),
    "unknown method": ({"value": BCRYPT, "config": {"method": "scrypt"}}, "method is not one of"),
    "method of wrong type": ({"value": BCRYPT, "config": {"method": ["bcrypt"]}}, "method is not one of"),
    "two methods": (
        {"value": BCRYPT, "config": {"method": "bcrypt", "sha": {"function": "sha256"}}},
        "parameters of sha",
    ),
    "unknown field": (
        {"value": BCRYPT, "config": {"method": "bcrypt", "bcrypt": {"pepper": 1}}},
        "other fields than cost",
    ),
    "unknown top field": ({"value": BCRYPT, "config": {"method": "bcrypt"}, "x": 1}, "other fields than value, config"),
    "number as text": (argon2(iterations="2"), "argon2.iterations of the hash's config has the wrong type"),
    "truth as number": (argon2(iterations=True), "wrong type"),
    "negative": (argon2(iterations=-1), "out of range"),
    "huge": (argon2(iterations=2**40), "out of range"),
    "long salt": (argon2(salt="a" * 5000), "too long"),
    "long value": (argon2("a" * 5000), "too long"),
    "argon2 memory": (argon2(memory_in_kb=1024 * 1024 + 1), "more than 1 GiB"),
    "argon2 work": (argon2(memory_in_kb=1024 * 1024, iterations=9), "8 GiB"),
    "argon2 iterations": (argon2(iterations=0), "iterations"),
    "argon2 lanes": (argon2(parallelism=65), "parallelism"),
    "argon2 no lanes": (argon2(parallelism=0), "parallelism"),
    "argon2 little memory": (argon2(parallelism=4, memory_in_kb=31), "8 KiB per lane"),
    "argon2 short salt": (argon2(salt=b64(b"abc"), salt_length=3), "salt is shorter"),
    "argon2 no salt": (argon2(salt="", salt_length=0), "salt"),
    "argon2 short tag": (argon2(b64(b"short"), key_length=5), "shorter than 12"),
    "argon2 variant": (argon2(variant="argon2x"), "variant"),
    "argon2 version": (argon2(version=17), "version"),
    "argon2 other length": (argon2(key_length=31), "expected length"),
    "pbkdf2 iterations": (pbkdf2(number_of_iterations=10_000_001), "more than 10,000,000"),
    "pbkdf2 no iterations": (pbkdf2(number_of_iterations=0), "iterations"),
    "pbkdf2 many blocks": (
        pbkdf2(b64(KEY * 4), key_length=128, number_of_iterations=3_000_000),
        "more than 10,000,000",
    ),
    "pbkdf2 function": (pbkdf2(function="md5"), "function"),
    "pbkdf2 no function": (pbkdf2(function=""), "function"),
    "pbkdf2 short key": (pbkdf2(b64(b"short"), key_length=5), "shorter than 12"),
    "pbkdf2 no base64": (pbkdf2("!!", key_length=0), "base64"),
    "bcrypt cost": ({"value": BCRYPT.replace("$10$", "$17$"), "config": {"method": "bcrypt"}}, "4 to 16"),
    "bcrypt other cost": ({"value": BCRYPT, "config": {"method": "bcrypt", "bcrypt": {"cost": 11}}}, "differ"),
    "bcrypt short": ({"value": BCRYPT[:-1], "config": {"method": "bcrypt"}}, "modular crypt form"),
    "sha function": (sha(b64(KEY), function="md5"), "function"),
    "sha variant": (sha(b64(KEY), variant="x"), "variant"),
    "sha short": (sha(b64(KEY[:-1])), "expected length"),
    "md5 short": ({"value": b64(KEY[:15]), "config": {"method": "md5"}}, "expected length"),
    "sha-crypt other rounds": (sha("$5$abc$" + "x" * 43, variant="crypt", rounds=6000), "differ"),
}


@pytest.mark.parametrize(("raw", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_verified_is_refused_with_its_reason(raw: object, reason: str) -> None:
    with pytest.raises(UnsupportedHash) as caught:
        StoredHash.from_json(raw)
    assert reason in caught.value.reason


def test_a_hash_that_can_not_be_verified_can_not_be_built_either() -> None:
    with pytest.raises(UnsupportedHash, match="modular crypt"):
        StoredHash("x", BcryptConfig())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELD_NAMES = ["cost", "function", "number_of_iterations", "key_length", "salt", "salt_length", "iterations"]
FIELD_NAMES += ["memory_in_kb", "parallelism", "variant", "version", "rounds", "salt_after_digest_in_hash"]
FIELDS = st.dictionaries(st.sampled_from(FIELD_NAMES), JSON, max_size=6)
METHODS = st.sampled_from(["bcrypt", "pbkdf2", "argon2", "sha", "md5"])


@given(
    JSON
    | st.fixed_dictionaries(
        {
            "value": st.text() | st.sampled_from([PHC, BCRYPT, b64(KEY)]),
            "config": JSON | st.dictionaries(METHODS, FIELDS),
        }
    )
    | METHODS.flatmap(
        lambda method: st.fixed_dictionaries(
            {
                "value": st.text() | st.sampled_from([PHC, BCRYPT, b64(KEY)]),
                "config": st.fixed_dictionaries({"method": st.just(method), method: FIELDS | JSON}),
            }
        )
    )
)
def test_no_json_value_raises_anything_else(raw: object) -> None:
    try:
        stored = StoredHash.from_json(raw)
    except UnsupportedHash:
        return
    assert StoredHash.from_json(stored.to_json()) == stored


CONFIGS: list[HashConfig] = [Argon2Config(2, 19456, 1), Pbkdf2Config("sha256", 1000), ShaConfig("sha256"), Md5Config()]


UNLIKE_MESSAGES = st.text(alphabet="QXZJ", min_size=4, max_size=50)
"""Texts that no message holds by chance."""


@given(st.text() | UNLIKE_MESSAGES, st.text() | UNLIKE_MESSAGES, st.sampled_from(CONFIGS))
def test_no_text_in_value_or_salt_raises_anything_else_or_is_repeated(
    value: str, salt: str, config: HashConfig
) -> None:
    raw = StoredHash(BCRYPT, BcryptConfig()).to_json()
    raw["value"] = value
    raw["config"] = {"method": config.method, config.method: {"salt": salt, "salt_length": len(salt)}}
    shown = ""
    try:
        StoredHash.from_json(raw)
    except UnsupportedHash as error:
        shown = f"{error} {error.hint}"
    for secret in (value, salt):
        assert len(secret) < 4 or not set(secret) <= set("QXZJ") or secret not in shown


@given(st.binary(min_size=1, max_size=64))
def test_bytes_are_among_the_readings_of_their_hex_and_base64(raw: bytes) -> None:
    assert raw in readings(raw.hex())
    assert raw in readings(b64(raw))
    assert raw in readings(b64(raw).rstrip("="))
