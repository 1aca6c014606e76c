from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.directory.vault import KEY_VARIABLE, SealBroken, Vault, VaultKeyUnusable, load_key, load_or_create_key

KEY = bytes(range(32))
IN_BASE64 = base64.b64encode(KEY).decode()


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_again(plaintext: bytes, context: str) -> None:
    sealed = Vault(KEY).seal(plaintext, context)
    assert sealed.startswith("v1:")
    assert Vault(KEY).open(sealed, context) == plaintext


def test_a_sealed_text_shows_neither_plaintext_nor_key_and_differs_each_time() -> None:
    opened = Vault(KEY)
    texts = {opened.seal(b"totp-secret-of-ada", "user/1") for _ in range(50)}
    assert len(texts) == 50
    for text in texts:
        raw = base64.b64decode(text[3:])
        assert b"totp" not in raw
        assert KEY[:8] not in raw
    assert "\\x01\\x02" not in repr(opened)
    assert IN_BASE64 not in repr(opened)


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    sealed = Vault(KEY).seal(b"secret", "user/1")
    raw = bytearray(base64.b64decode(sealed[3:]))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken, match="does not open"):
        Vault(KEY).open("v1:" + base64.b64encode(raw).decode(), "user/1")


@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    for sealed in (text, "v1:" + text):
        with pytest.raises(SealBroken) as caught:
            Vault(KEY).open(sealed, "user/1")
        assert caught.value.hint


def test_a_secret_copied_to_another_record_or_read_with_another_key_does_not_open() -> None:
    sealed = Vault(KEY).seal(b"secret", "user/1")
    with pytest.raises(SealBroken, match="another record") as caught:
        Vault(KEY).open(sealed, "user/2")
    assert KEY_VARIABLE in caught.value.hint
    with pytest.raises(SealBroken, match="another key"):
        Vault(bytes(32)).open(sealed, "user/1")
    with pytest.raises(SealBroken, match="version"):
        Vault(KEY).open(sealed.replace("v1:", "v2:"), "user/1")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(VaultKeyUnusable, match="32 bytes"):
        Vault(bytes(length))


def test_the_key_in_the_environment_comes_first_and_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "directory.db.key"
    assert load_or_create_key(file, {KEY_VARIABLE: f" {IN_BASE64}\n"}) == KEY
    assert list(tmp_path.iterdir()) == []
    load_or_create_key(file, {})
    assert load_key(file, {KEY_VARIABLE: IN_BASE64}) == KEY


@pytest.mark.parametrize("text", ["", "hunter2-hunter2", IN_BASE64[:-4], IN_BASE64 + "AAAA", "\u00e9" * 44, KEY.hex()])
def test_a_malformed_key_in_the_environment_is_an_error_that_does_not_repeat_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(VaultKeyUnusable, match=f"^{KEY_VARIABLE} does not hold 32 bytes in base64$") as caught:
        load_or_create_key(tmp_path / "directory.db.key", {KEY_VARIABLE: text})
    assert not text or text not in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_hint_for_a_malformed_key_makes_a_good_one(tmp_path: Path) -> None:
    with pytest.raises(VaultKeyUnusable) as caught:
        load_key(tmp_path / "x", {KEY_VARIABLE: "x"})
    program = caught.value.hint.partition("python -c ")[2].strip("'")
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert len(load_key(tmp_path / "x", {KEY_VARIABLE: made}) or b"") == 32


def test_reading_makes_no_key(tmp_path: Path) -> None:
    assert load_key(tmp_path / "directory.db.key", {}) is None
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_made_once_for_its_owner_alone_and_can_be_moved_to_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "directory.db.key"
    before = os.umask(0)
    try:
        key = load_or_create_key(file, {})
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert load_or_create_key(file, {}) == load_key(file, {}) == key
    assert load_key(tmp_path / "none", {KEY_VARIABLE: file.read_text()}) == key
    assert load_or_create_key(tmp_path / "other.key", {}) != key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_file_open_to_others_is_refused_with_the_command_that_closes_it(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "a folder's name"
    folder.mkdir()
    file = folder / "directory.db.key"
    key = load_or_create_key(file, {})
    file.chmod(mode)
    with pytest.raises(VaultKeyUnusable, match=f"mode 0{mode:o}") as caught:
        load_or_create_key(file, {})
    subprocess.run(caught.value.hint, shell=True, check=True)
    assert load_key(file, {}) == key


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe" * 30, KEY, IN_BASE64.encode() * 20])
def test_a_damaged_key_file_is_an_error_and_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "directory.db.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(VaultKeyUnusable, match=r"directory\.db\.key does not hold 32 bytes"):
        load_or_create_key(file, {})
    assert file.read_bytes() == content


def test_a_key_that_can_not_be_read_or_made_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(VaultKeyUnusable, match="can not be created: No such file") as caught:
        load_or_create_key(tmp_path / "absent" / "directory.db.key", {})
    assert KEY_VARIABLE in caught.value.hint
    with pytest.raises(VaultKeyUnusable, match="can not be read: Is a directory"):
        load_key(tmp_path, {})


def test_the_first_of_two_keys_made_at_once_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "directory.db.key"
    real = os.link

    def somebody_else_first(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "link", real)
        file.write_text(IN_BASE64)
        file.chmod(0o600)
        real(source, target)

    monkeypatch.setattr(os, "link", somebody_else_first)
    assert load_or_create_key(file, {}) == KEY
    assert list(tmp_path.iterdir()) == [file]


def test_processes_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from pathlib import Path\n"
        "from pool_as_code.directory.vault import load_or_create_key\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(load_or_create_key(Path(sys.argv[1]), {}).hex())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "directory.db.key")]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=60)[0] for process in started}
    assert len(keys) == 1
    assert len(bytes.fromhex(keys.pop())) == 32
    assert [path.name for path in tmp_path.iterdir()] == ["directory.db.key"]
