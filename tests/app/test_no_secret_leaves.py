"""No secret byte in what the command prints, saves, pulls, logs or stores (beyond hashes and encrypted secrets)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import House, document

PASSWORD = "Unmistakable-Zebra-4711-Password!"
TOTP = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
HASH = "$2b$04$Wv5Qj2K3n0cN0dPqkGm7Cu0vUoYhJqk6v3w1mQkz9yq3Jm9T0kq4S"
FROM_FILE = "File-Secret-Umbrella-8102-Lemur!"
SECRETS = {
    "password": PASSWORD,
    "totp": TOTP,
    "hash": HASH.rpartition("$")[2],
    "file": FROM_FILE,
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path).write(
        [
            document("IdentityPool", {"name": "customers"}, passwordPolicy={"history": 3}),
            document(
                "User",
                {"name": "ada", "pool": "customers"},
                status="active",
                identifiers=[{"uid": "ada"}],
                password={"initial": {"fromEnv": "ADA_PASSWORD"}},
                totp={"secret": {"fromEnv": "ADA_TOTP"}},
            ),
            document(
                "User", {"name": "bob", "pool": "customers"}, identifiers=[{"uid": "bob"}], password={"hash": HASH}
            ),
            document(
                "User",
                {"name": "cyd", "pool": "customers"},
                identifiers=[{"uid": "cyd"}],
                password={"initial": {"fromFile": "cyd.txt"}},
            ),
        ]
    )
    (tmp_path / "cyd.txt").write_text(FROM_FILE + "\n")
    return made


def pac(house: House, *words: str, stdin: str = "", **more: str) -> str:
    environ = {**os.environ, "ADA_PASSWORD": PASSWORD, "ADA_TOTP": TOTP, **more}
    done = subprocess.run(
        [sys.executable, "-m", "pool_as_code.cli", *words],
        cwd=house.root,
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr or "--debug" in words
    return f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"


def found_in(text: str) -> list[str]:
    return [name for name, secret in SECRETS.items() if secret in text]


def test_no_secret_is_printed_saved_pulled_or_stored(house: House) -> None:
    said = [
        pac(house, "validate"),
        pac(house, "validate", "--output", "json"),
        pac(house, "plan", "--out", "plan.json", "--show-values", "--debug"),
        pac(house, "plan", "--output", "json"),
        pac(house, "show", "plan.json"),
        pac(house, "apply", "--yes", "--debug", "--report", "report.ndjson", "--plan", "plan.json"),
        pac(house, "apply", "--yes"),
        pac(house, "plan", "--show-values"),
        pac(house, "drift", "--show-values"),
        pac(house, "history"),
        pac(house, "ids"),
        pac(house, "pull", "--into", "pulled"),
        pac(house, "users", "verify", "customers/ada", stdin=PASSWORD),
        pac(house, "users", "verify", "customers/ada", stdin=PASSWORD + "x"),
    ]
    assert "exit 0" in said[5], said[5]
    assert "password correct" in said[-2]
    assert [name for text in said for name in found_in(text)] == []
    files = [path for path in house.root.rglob("*") if path.is_file() and path.name not in ("all.yaml", "cyd.txt")]
    assert {"plan.json", "report.ndjson", "directory.db"} <= {path.name for path in files}
    for path in files:
        data = path.read_bytes()
        leaked = [name for name, secret in SECRETS.items() if secret.encode() in data]
        allowed = ["hash"] if path.name.startswith("directory.db") else []  # a stored hash is what a directory keeps
        assert [name for name in leaked if name not in allowed] == [], path


def test_no_secret_is_in_the_errors_of_a_refused_one(house: House) -> None:
    house.write(
        [
            document("IdentityPool", {"name": "customers"}, passwordPolicy={"minLength": 100, "specialCharacters": 90}),
            document(
                "User",
                {"name": "ada", "pool": "customers"},
                password={"initial": {"fromEnv": "ADA_PASSWORD"}},
                totp={"secret": {"fromEnv": "ADA_TOTP"}},
            ),
        ]
    )
    said = pac(house, "apply", "--yes", "--debug")
    assert "PAC321" in said
    assert found_in(said) == []
    assert not house.database.exists()
    said = pac(house, "apply", "--yes", ADA_TOTP="not base32: Unmistakable")
    assert "Unmistakable" not in said
    literal = document("User", {"name": "eve", "pool": "customers"}, password=PASSWORD)
    house.write([document("IdentityPool", {"name": "customers"}), literal])
    said = pac(house, "validate") + pac(house, "validate", "--output", "json") + pac(house, "plan", "--debug")
    assert "PAC213" in said
    assert found_in(said) == []
