from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.directory.hashing import verify_password
from pool_as_code.directory.sha_crypt import sha_crypt_digest
from pool_as_code.resources.foreign_hashes import parse_foreign
from pool_as_code.resources.hash_configs import read_sha_crypt

# From "Unix crypt using SHA-256 and SHA-512", Ulrich Drepper, version 0.4.
LONG = "a very much longer text to encrypt.  This one even stretches over morethan one line."
SHORT_SALT = "we have a short salt string but not a short password"
LOW = "the minimum number is still observed"
VECTORS = [
    ("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
    ("$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA", "Hello world!"),
    ("$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5", "This is just a test"),
    ("$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1", LONG),
    ("$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/", SHORT_SALT),
    ("$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC", LOW),
    (
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        "Hello world!",
    ),
    (
        "$6$rounds=1400$anotherlongsalts$"
        "POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
        LONG,
    ),
    (
        "$6$rounds=1000$roundstoolow$"
        "kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
        LOW,
    ),
]


@pytest.mark.parametrize(("text", "password"), VECTORS, ids=lambda part: part[:24])
def test_the_vectors_of_the_specification(text: str, password: str) -> None:
    config, digest = read_sha_crypt(text)
    assert sha_crypt_digest(password.encode(), config.function, config.salt.encode(), config.rounds) == digest
    assert verify_password(password, parse_foreign(text))
    assert not verify_password(password + "!", parse_foreign(text))


@given(st.binary(max_size=200), st.sampled_from([("sha256", 43), ("sha512", 86)]), st.binary(max_size=16))
def test_any_password_gives_a_digest_of_the_right_length(secret: bytes, kind: tuple[str, int], salt: bytes) -> None:
    function, length = kind
    assert len(sha_crypt_digest(secret, function, salt, 3)) == length
