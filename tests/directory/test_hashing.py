from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pool_as_code
from pool_as_code.core.errors import InvalidInput
from pool_as_code.directory import hashing
from pool_as_code.directory.hashing import (
    DEFAULT_PARAMETERS,
    TEST_PARAMETERS,
    HashMethod,
    HashParameters,
    PasswordUnhashable,
    StoredHash,
    hash_many,
    hash_password,
    needs_rehash,
    parse_foreign,
    used_before,
    verify_password,
)
from pool_as_code.resources.hash_configs import (
    HASH_METHODS,
    Argon2Config,
    BcryptConfig,
    Md5Config,
    Pbkdf2Config,
    ShaConfig,
)

AUTH0 = "$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K"
PASSWORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=18)


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def new(text: str, method: HashMethod) -> StoredHash:
    return hash_password(text, method, TEST_PARAMETERS)


@given(PASSWORDS, PASSWORDS, st.sampled_from(HASH_METHODS))
def test_the_right_password_verifies_and_another_does_not(text: str, other: str, method: HashMethod) -> None:
    stored = StoredHash.from_json(new(text, method).to_json())
    assert stored.method == method
    assert verify_password(text, stored)
    assert verify_password(other, stored) is (other == text)
    assert not verify_password("", stored)
    assert not needs_rehash(stored, method, TEST_PARAMETERS)


@pytest.mark.parametrize("method", HASH_METHODS)
def test_two_hashes_of_one_password_differ(method: HashMethod) -> None:
    assert new("hello", method).value != new("hello", method).value


@pytest.mark.parametrize("method", HASH_METHODS)
def test_neither_password_nor_hash_shows_in_a_representation(method: HashMethod) -> None:
    stored = new("correct-horse", method)
    assert repr(stored) == f"StoredHash(method='{method}', ******)" == str(stored)


def test_the_documented_defaults_are_what_is_made() -> None:
    argon2 = hash_password("hello", "argon2")
    assert argon2.config == Argon2Config(2, 19456, 1, 32, getattr(argon2.config, "salt", ""), 16)
    assert verify_password("hello", argon2)
    bcrypt = hash_password("hello", "bcrypt")
    assert (bcrypt.config, bcrypt.value[:7]) == (BcryptConfig(12), "$2b$12$")
    pbkdf2 = hash_password("hello", "pbkdf2").config
    assert isinstance(pbkdf2, Pbkdf2Config)
    assert (pbkdf2.function, pbkdf2.number_of_iterations, pbkdf2.key_length) == ("sha256", 600_000, 32)
    sha = hash_password("hello", "sha").config
    assert isinstance(sha, ShaConfig)
    assert (sha.function, sha.salt_length, sha.salt_after_digest_in_hash) == ("sha512", 16, True)


# argon2: the reference implementation's test.c (RFC 9106's own vectors take a secret and associated data, for which a
# password hash has no place). passlib: its documentation. SHA-1: RFC 6070. SHA-256: RFC 7914, section 11.
PUBLISHED = {
    "auth0 bcrypt": (AUTH0, "hello"),
    "argon2id": ("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"),
    "argon2i": ("$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA", "password"),
    "argon2i, old": ("$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ", "password"),
    "passlib, dots": (
        "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44",
        "password",
    ),
    "passlib": ("$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M", "password"),
}


@pytest.mark.parametrize(("text", "password"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_texts_verify(text: str, password: str) -> None:
    stored = parse_foreign(text)
    assert verify_password(password, stored)
    assert not verify_password(password.upper(), stored)


PBKDF2_VECTORS = [
    ("sha1", 1, "password", b"salt", "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
    ("sha1", 2, "password", b"salt", "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
    ("sha1", 4096, "password", b"salt", "4b007901b765489abead49d926f721d065a429c1"),
    (
        "sha1",
        4096,
        "passwordPASSWORDpassword",
        b"saltSALTsaltSALTsaltSALTsaltSALTsalt",
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
    ),
    ("sha1", 4096, "pass\0word", b"sa\0lt", "56fa6aa75548099dcc37d7f03425e0c3"),
    (
        "sha256",
        1,
        "passwd",
        b"salt",
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
    ),
    (
        "sha256",
        80000,
        "Password",
        b"NaCl",
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
        "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
    ),
]


@pytest.mark.parametrize(("function", "iterations", "password", "salt", "key"), PBKDF2_VECTORS)
def test_pbkdf2_vectors_of_the_rfcs(function: str, iterations: int, password: str, salt: bytes, key: str) -> None:
    config = Pbkdf2Config(function, iterations, len(key) // 2, b64(salt), len(salt))
    assert verify_password(password, StoredHash(key, config))
    assert verify_password(password, StoredHash(b64(bytes.fromhex(key)), config))
    assert not verify_password(password + "x", StoredHash(key, config))


@pytest.mark.parametrize("function", ["sha1", "sha256", "sha384", "sha512", "md5"])
@pytest.mark.parametrize("salt", [b"", b"abcd", bytes(range(16))])
def test_ldap_passwords_verify(function: str, salt: bytes) -> None:
    scheme = ("S" if salt else "") + function.upper().replace("SHA1", "SHA")
    stored = parse_foreign(f"{{{scheme}}}{b64(hashlib.new(function, b'hello' + salt).digest() + salt)}")
    assert verify_password("hello", stored)
    assert not verify_password("Hello", stored)


def test_the_salt_may_stand_before_the_digest() -> None:
    digest = hashlib.sha256(b"hello" + b"saltsalt").digest()
    assert verify_password("hello", StoredHash(b64(b"saltsalt" + digest), ShaConfig("SHA-256", b64(b"saltsalt"), 8)))
    md5 = hashlib.md5(b"hellosalt").digest()
    assert verify_password("hello", StoredHash(b64(b"salt" + md5), Md5Config(salt_length=4)))


def test_a_phc_string_made_by_the_argon2_library_round_trips() -> None:
    from argon2 import PasswordHasher, Type

    for variant in Type:
        text = PasswordHasher(time_cost=1, memory_cost=64, parallelism=2, hash_len=24, type=variant).hash("hello")
        stored = parse_foreign(text)
        assert verify_password("hello", stored)
        assert not verify_password("hello ", stored)
        assert verify_password("hello", StoredHash.from_json(stored.to_json()))


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
def test_bcrypt_verifies_under_each_of_its_names(prefix: str) -> None:
    assert verify_password("hello", parse_foreign(prefix + AUTH0[4:]))


def test_bcrypt_ignores_the_unused_bits_that_some_programs_set() -> None:
    stored = parse_foreign(AUTH0[:28] + "f" + AUTH0[29:59] + "M")
    assert (AUTH0[28], AUTH0[59]) == ("e", "K")
    assert verify_password("hello", stored)
    assert not verify_password("hallo", stored)


def test_bcrypt_refuses_to_hash_what_it_would_cut() -> None:
    assert verify_password("x" * 72, new("x" * 72, "bcrypt"))
    for text in ("x" * 73, "\N{EURO SIGN}" * 25, "correct\0horse"):
        with pytest.raises(PasswordUnhashable, match=r"72 bytes|NUL") as caught:
            new(text, "bcrypt")
        assert text[:8] not in f"{caught.value!r} {caught.value.hint}"
        assert verify_password(text, new(text, "argon2"))


def test_bcrypt_hashes_of_programs_that_cut_still_verify() -> None:
    assert verify_password("x" * 80, new("x" * 72, "bcrypt"))
    assert not verify_password("x" * 71 + "y" * 9, new("x" * 72, "bcrypt"))
    assert not verify_password("x\0y", new("x", "bcrypt"))


@pytest.mark.parametrize("method", HASH_METHODS)
@pytest.mark.parametrize("text", ["", "abc\ud800def", "x" * 4097])
def test_what_no_method_can_hash_is_refused_and_never_verifies(method: HashMethod, text: str) -> None:
    with pytest.raises(PasswordUnhashable) as caught:
        new(text, method)
    assert caught.value.__cause__ is None
    assert "abc" not in f"{caught.value!r} {caught.value.hint}"
    assert not verify_password(text, new("hello", method))


def test_passwords_are_not_normalised() -> None:
    assert not verify_password("e\N{COMBINING ACUTE ACCENT}", new("\N{LATIN SMALL LETTER E WITH ACUTE}", "sha"))


@pytest.mark.parametrize("workers", [None, 1, 2, 7])
@pytest.mark.parametrize("method", HASH_METHODS)
def test_many_passwords_are_hashed_in_their_order(method: HashMethod, workers: int | None) -> None:
    texts = [f"password-{number}" for number in range(9)]
    stored = hash_many(iter(texts), method, TEST_PARAMETERS, workers)
    assert [verify_password(text, one) for text, one in zip(texts, stored, strict=True)] == [True] * 9
    assert hash_many([], method, TEST_PARAMETERS, workers) == []


def test_many_passwords_are_hashed_on_as_many_threads_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(3, timeout=20)
    real = hashing.hash_password

    def wait_for_the_others(text: str, method: HashMethod, parameters: HashParameters) -> StoredHash:
        together.wait()  # broken, and an error, unless three run at once
        return real(text, method, parameters)

    monkeypatch.setattr(hashing, "hash_password", wait_for_the_others)
    assert len(hash_many(["a", "b", "c"], "pbkdf2", TEST_PARAMETERS, workers=3)) == 3


def test_a_bad_password_among_many_is_told_by_its_position_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(hashing, "hash_password", lambda text, *rest: made.append(text))
    with pytest.raises(PasswordUnhashable) as caught:
        hash_many(["good", "fine", "x" * 73, ""], "bcrypt", TEST_PARAMETERS)
    assert caught.value.position == 2
    assert made == []


def test_another_method_or_a_cheaper_hash_needs_a_rehash() -> None:
    for method in HASH_METHODS:
        for other in HASH_METHODS:
            assert needs_rehash(new("x", method), other, TEST_PARAMETERS) is (method != other)
    for method in ("argon2", "bcrypt", "pbkdf2"):
        assert needs_rehash(new("x", method), method)
    assert not needs_rehash(hash_password("x", "argon2"), "argon2", TEST_PARAMETERS)
    assert needs_rehash(parse_foreign("{MD5}" + hashlib.md5(b"x").hexdigest()), "sha")
    assert needs_rehash(parse_foreign("{SSHA512}" + b64(b"d" * 64 + b"salt")), "sha")
    assert needs_rehash(parse_foreign("{SHA512}" + b64(b"d" * 64)), "sha")
    assert needs_rehash(parse_foreign("{SSHA256}" + b64(b"d" * 32 + b"s" * 16)), "sha")
    assert not needs_rehash(parse_foreign("{SSHA512}" + b64(b"d" * 64 + b"s" * 16)), "sha")
    assert not needs_rehash(parse_foreign("$6$salt$" + "x" * 86), "sha")


def test_weaker_forms_of_the_same_method_need_a_rehash() -> None:
    def argon2(
        memory: int = 19456,
        rounds: int = 2,
        tag: int = 32,
        salt: int = 16,
        variant: str = "argon2id",
        version: int = 19,
    ) -> StoredHash:
        return StoredHash(
            b64(b"k" * tag), Argon2Config(rounds, memory, 1, tag, b64(b"s" * salt), salt, variant, version)
        )

    def pbkdf2(function: str = "sha256", rounds: int = 600_000, key: int = 32, salt: int = 16) -> StoredHash:
        return StoredHash(b64(b"k" * key), Pbkdf2Config(function, rounds, key, b64(b"s" * salt), salt))

    assert not needs_rehash(argon2(), "argon2")
    assert not needs_rehash(argon2(memory=40000, rounds=5), "argon2")
    for weaker in (
        argon2(memory=19455),
        argon2(rounds=1),
        argon2(tag=16),
        argon2(salt=8),
        argon2(variant="argon2i"),
        argon2(version=16),
    ):
        assert needs_rehash(weaker, "argon2")
    assert not needs_rehash(pbkdf2(), "pbkdf2")
    assert not needs_rehash(pbkdf2("sha512", 700_000, 64), "pbkdf2")
    for weaker in (pbkdf2("sha1", 700_000), pbkdf2(rounds=599_999), pbkdf2(key=20), pbkdf2(salt=8)):
        assert needs_rehash(weaker, "pbkdf2")


def test_history_looks_at_the_newest_passwords_only() -> None:
    newest_first = [new(f"password-{number}", "argon2") for number in range(4)]
    assert used_before("password-0", newest_first, 1)
    assert not used_before("password-1", newest_first, 1)
    assert used_before("password-3", newest_first, 4)
    assert used_before("password-3", newest_first, 99)
    assert not used_before("password-4", newest_first, 99)
    assert not used_before("password-0", newest_first, 0)
    assert not used_before("password-0", newest_first, -1)


def test_parameters_can_be_raised_and_not_lowered() -> None:
    assert HashParameters.raised() == DEFAULT_PARAMETERS
    assert HashParameters.raised(bcrypt_cost=14, argon2_memory_kib=65536) == HashParameters(65536, bcrypt_cost=14)
    with pytest.raises(InvalidInput, match="bcrypt_cost is below 12"):
        HashParameters.raised(bcrypt_cost=11)
    with pytest.raises(InvalidInput, match="argon2_memory is no hash parameter"):
        HashParameters.raised(argon2_memory=65536)
    with pytest.raises(InvalidInput, match="outside"):
        HashParameters.raised(bcrypt_cost=17)


@pytest.mark.parametrize(
    "cost",
    [
        {"argon2_memory_kib": 1024 * 1024 + 1},
        {"argon2_memory_kib": 1024 * 1024, "argon2_iterations": 9},
        {"argon2_memory_kib": 0},
        {"argon2_parallelism": 0},
        {"argon2_iterations": 0},
        {"bcrypt_cost": 3},
        {"pbkdf2_iterations": 10_000_001},
    ],
)
def test_parameters_that_could_not_be_verified_are_refused(cost: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="outside of what can be verified"):
        HashParameters(**cost)


def test_the_parameters_for_tests_are_named_nowhere_else_in_the_product() -> None:
    root = Path(pool_as_code.__file__).parent
    naming = [path.name for path in root.rglob("*.py") if "TEST_PARAMETERS" in path.read_text(encoding="utf-8")]
    assert naming == ["hashing.py"]


def test_importing_the_module_loads_no_hashing_library() -> None:
    probe = f"import sys; sys.path[:] = {sys.path!r}; import {hashing.__name__}; print({{'argon2', 'bcrypt'}} & {{*sys.modules}})"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout == "set()\n"
