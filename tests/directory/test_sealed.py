"""A directory has one key for its secrets, and keeps it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from pool_as_code.core.errors import Unavailable
from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap
from pool_as_code.directory import users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.starting import NewUser
from pool_as_code.directory.vault import KEY_VARIABLE
from tests.directory.people import a_pool

INVITED: JsonMap = {"identifiers": [{"email": "a@example.com"}], "invitation": {"send": "onCreate"}}


def opened(folder: Path, **environ: str) -> Directory:
    return Directory(folder / "directory.db", environ=environ, hash_parameters=TEST_PARAMETERS)


def with_totp(directory: Directory, id: str) -> None:
    users.create(directory, NewUser(id, "customers", {}, {"totp.secret": Secret("JBSWY3DPEHPK3PXP")}))


@pytest.mark.parametrize("sealed", ["an authenticator secret", "the code of a message"])
def test_where_secrets_are_sealed_no_second_key_is_made(tmp_path: Path, sealed: str) -> None:
    first = opened(tmp_path)
    a_pool(first)
    if sealed == "an authenticator secret":
        with_totp(first, "ada")
    else:
        users.create(first, NewUser("ada", "customers", INVITED))
    first.close()
    file, aside = tmp_path / "directory.db.key", tmp_path / "aside"
    file.rename(aside)

    lost = opened(tmp_path)
    with pytest.raises(Unavailable, match="is missing") as missing:
        with_totp(lost, "grace")
    assert file.name in missing.value.hint
    assert not file.exists()
    lost.close()

    other = opened(tmp_path, **{KEY_VARIABLE: base64.b64encode(bytes(32)).decode()})
    with pytest.raises(Unavailable, match="another key"):
        with_totp(other, "grace")
    other.close()

    aside.rename(file)
    found = opened(tmp_path)
    with_totp(found, "grace")
    assert users.find(found, "customers", id="grace") is not None
    found.close()


def test_a_directory_without_sealed_secrets_gets_a_key_when_the_first_one_comes(tmp_path: Path) -> None:
    directory = opened(tmp_path)
    a_pool(directory)
    assert not (tmp_path / "directory.db.key").exists()
    with_totp(directory, "ada")
    assert (tmp_path / "directory.db.key").exists()
    directory.close()
