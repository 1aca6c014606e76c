"""The keys that tokens are signed with: kept for their owner alone, replaced when they are old, gone when nothing of them is in force."""

from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from pool_as_code.server.key_file import KeyFile
from pool_as_code.server.signing import MOST, Keys, Retired, SigningKeyUnusable, new_key, parse_keys, written
from tests.server.site import Asked

DAY = 86_400.0
NOW = 1_800_000_000.0


class Clock:
    """Seconds of the epoch that go on when they are told to."""

    def __init__(self, moment: float = NOW) -> None:
        self.moment = moment

    def __call__(self) -> float:
        return self.moment


def published(site: Asked) -> list[str]:
    return [key["kid"] for key in site.http.get("/default/system/.well-known/jwks.json").json()["keys"]]


def opens(site: Asked, token: str) -> bool:
    site.server.site.tokens._known.clear()
    answer = site.http.get("/api/identity/default/system/pools", headers={"authorization": f"Bearer {token}"})
    return int(answer.status_code) == 200


def kid(token: str) -> Any:
    return jwt.get_unverified_header(token)["kid"]


def test_the_signing_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "directory.db.signing-key"
    first = KeyFile(path)().signing
    assert KeyFile(path)().signing.id == first.id
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    path.chmod(0o644)
    with pytest.raises(SigningKeyUnusable):
        KeyFile(path)
    path.chmod(0o600)
    other = ec.generate_private_key(ec.SECP384R1())
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(SigningKeyUnusable):
        KeyFile(path)


def test_an_old_key_is_replaced_while_the_server_runs_and_its_tokens_stay_good_until_they_expire(
    tmp_path: Path,
) -> None:
    clock = Clock()
    keys = KeyFile(tmp_path / "key", age=90 * DAY, clock=clock)
    with Asked(settings={"keys": keys, "clock": clock}) as site:
        old = site.token()
        assert published(site) == [kid(old)]
        clock.moment += 90 * DAY - 1800
        late = site.token(scope="identity")  # half an hour before the key is old
        clock.moment += 1800
        fresh = site.token(scope="read_configuration identity")
        assert kid(fresh) != kid(late) == kid(old)
        assert published(site) == [kid(fresh), kid(late)]
        assert [opens(site, token) for token in (old, late, fresh)] == [False, True, True]
        assert jwt.decode(late, options={"verify_signature": False})["exp"] == clock.moment + 1800
        clock.moment += 3599
        assert opens(site, fresh)
        assert published(site) == [kid(fresh), kid(late)]
        clock.moment += 100
        assert published(site) == [kid(fresh)]
        assert [opens(site, token) for token in (late, fresh)] == [False, False]
    text = (tmp_path / "key").read_text()
    assert text.count("PRIVATE KEY-----") == 2
    assert "PUBLIC KEY" not in text
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_of_a_key_that_signs_no_more_only_the_public_half_is_kept(tmp_path: Path) -> None:
    clock = Clock()
    keys = KeyFile(tmp_path / "key", age=DAY, clock=clock)
    before = keys().signing
    clock.moment += DAY
    assert keys().signing.id != before.id
    text = (tmp_path / "key").read_text()
    assert (text.count("BEGIN PRIVATE"), text.count("BEGIN PUBLIC"), text.count("Until: ")) == (1, 1, 1)
    read = parse_keys(text.encode(), "x")
    assert [one.key.id for one in read.retired] == [before.id]
    assert (read.made, read.retired[0].until) == (clock.moment, clock.moment + 3660)


def test_servers_that_share_a_file_take_each_other_s_keys(tmp_path: Path) -> None:
    clock = Clock()
    one, other = (KeyFile(tmp_path / "key", age=DAY, clock=clock) for _ in range(2))
    assert one().signing.id == other().signing.id
    clock.moment += DAY
    assert one().signing.id == other().signing.id != one().retired[0].key.id
    assert len(one().retired) == 1
    clock.moment += 5
    assert one() is one()


def test_a_key_that_is_taken_away_opens_nothing_any_more(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "key"
    with Asked(settings={"keys": KeyFile(path, clock=clock), "clock": clock}) as site:
        token = site.token()
        assert opens(site, token)
        headers = {"authorization": f"Bearer {token}"}
        assert site.http.get("/api/identity/default/system/pools", headers=headers).status_code == 200  # remembered
        path.write_bytes(written(Keys(new_key())))
        clock.moment += 2
        assert site.http.get("/api/identity/default/system/pools", headers=headers).status_code == 401


def test_a_file_that_becomes_unusable_is_told_and_the_server_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, path = Clock(), tmp_path / "key"
    keys = KeyFile(path, age=DAY, clock=clock)
    before = keys()
    for change in (lambda: path.write_text("secret nonsense"), path.unlink):
        change()
        clock.moment += 100
        with caplog.at_level(logging.ERROR):
            assert keys() is before
        assert "nonsense" not in caplog.text
    assert len(caplog.records) == 2


def test_what_a_killed_server_left_does_not_keep_a_key_for_ever(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "key"
    keys = KeyFile(path, age=DAY, clock=clock)
    left = tmp_path / "key.new"
    left.write_text("half of a k")
    before = keys().signing.id
    clock.moment += DAY
    assert keys().signing.id == before  # somebody is at it, for all we know
    os.utime(left, (1, 1))
    clock.moment += 2
    keys()
    clock.moment += 2
    assert keys().signing.id != before
    assert not left.exists()


def test_without_an_age_a_key_stays(tmp_path: Path) -> None:
    clock = Clock()
    keys = KeyFile(tmp_path / "key", clock=clock)
    before = keys()
    clock.moment += 10_000 * DAY
    assert keys() is before


def test_a_key_of_before_there_were_times_is_as_old_as_its_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(written(Keys(new_key())))
    path.chmod(0o600)
    before = parse_keys(path.read_bytes(), "x").signing.id
    os.utime(path, (NOW, NOW))
    clock = Clock(NOW + DAY - 1)
    assert KeyFile(path, age=DAY, clock=clock)().signing.id == before
    assert KeyFile(path, age=DAY, clock=Clock(NOW + DAY))().signing.id != before


def test_keys_in_one_text_are_read_as_they_were_written_and_private_ones_behind_the_first_only_verify() -> None:
    keys = Keys(new_key(), (Retired(new_key(), NOW), Retired(new_key())), NOW)
    read = parse_keys(written(keys), "x")
    assert (read.signing.id, read.made) == (keys.signing.id, NOW)
    assert [(one.key.id, one.until) for one in read.retired] == [(one.key.id, one.until) for one in keys.retired]
    assert not [one for one in read.retired if hasattr(one.key, "private")]
    behind = new_key()
    both = parse_keys(written(keys._replace(retired=())) + written(Keys(behind)), "x")
    assert (both.signing.id, [one.key.id for one in both.retired]) == (keys.signing.id, [behind.id])
    assert both.find(behind.id, NOW) is not None
    assert read.find(keys.retired[0].key.id, NOW) is None


def test_keys_of_openssl_are_read() -> None:
    made = ["openssl", "ecparam", "-name", "prime256v1", "-genkey"]
    text = subprocess.run(made, capture_output=True, check=True).stdout
    assert b"EC PARAMETERS" in text
    assert parse_keys(text, "x").signing.id


def test_a_text_without_a_private_key_or_with_too_many_or_with_a_wrong_time_is_refused_without_being_shown() -> None:
    one = written(Keys(new_key()))
    public = new_key().public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    wrong = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for text in (b"", public, one + public * MOST, b"Until: yesterday\n" + one, one + wrong, one.replace(b"M", b"!")):
        with pytest.raises(SigningKeyUnusable) as refused:
            parse_keys(text, "the text")
        assert "PRIVATE" not in refused.value.message
        assert "yesterday" not in refused.value.message
