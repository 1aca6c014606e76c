"""The command itself: a real server in a process of its own, asked over a socket."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from pool_as_code.app.serving import ServeOptions, _check, mail_port
from pool_as_code.cli.root import root
from pool_as_code.core.errors import InvalidInput
from pool_as_code.server.mail import Smtp
from tests.examples.projects import NAMED


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[str, dict[str, str], subprocess.Popen[str]]]:
    """A running `pac serve --dev`: its address, the variables to paste, the process."""
    command = [sys.executable, "-m", "pool_as_code.cli", "serve", "--dev", "--port", "0", *arguments]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("POOL_AS_CODE_")}
    with subprocess.Popen(command, cwd=folder, env=environ, text=True, stdout=-1, stderr=-1) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline() for _ in range(5)]
            variables = dict(re.findall(r"^export (\w+)=(\S+)$", "".join(lines), re.MULTILINE))
            url = variables["POOL_AS_CODE_STORE"].removeprefix("secureauth+")
            yield url.rpartition("/")[0], variables, process
        finally:
            process.terminate()
            process.communicate(timeout=20)


def test_a_server_on_this_machine_is_asked_by_a_pasted_client(tmp_path: Path) -> None:
    with served(tmp_path, "--store", "sqlite:///d.db", "--tenant", "shop") as (url, variables, process):
        found = httpx.get(f"{url}/shop/system/.well-known/openid-configuration").json()
        auth = (variables["POOL_AS_CODE_CLIENT_ID"], variables["POOL_AS_CODE_CLIENT_SECRET"])
        token = httpx.post(found["token_endpoint"], data={"grant_type": "client_credentials"}, auth=auth).json()
        with httpx.Client(headers={"authorization": f"Bearer {token['access_token']}"}) as http:
            pools = f"{url}/api/identity/shop/system/pools"
            assert http.post(pools, json={"id": "p", "name": "P"}).status_code == 201
            assert [pool["id"] for pool in http.get(pools).json()["pools"]] == ["p"]
            assert http.get(f"{url}/dev/outbox").json() == {"messages": []}
            assert "server" not in http.get(pools).headers
        process.send_signal(signal.SIGINT)
        _, talk = process.communicate(timeout=20)
    assert "tenant" not in talk.replace("tenant shop", "")
    assert token["access_token"] not in talk
    assert auth[1] not in talk
    for name in ("d.db", "d.db.signing-key"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
    with served(tmp_path, "--store", "sqlite:///d.db", "--tenant", "shop") as (url, _, _):
        headers = {"authorization": f"Bearer {token['access_token']}"}
        assert httpx.get(f"{url}/api/identity/shop/system/pools/p", headers=headers).status_code == 200


def test_what_is_pasted_is_all_that_a_project_with_a_workspace_needs(tmp_path: Path) -> None:
    shop = NAMED["quickstart"].copy(tmp_path)
    for _ in range(2):  # the second time the workspace is there
        with served(tmp_path, "--store", "sqlite:///d.db", "--workspace", "shop") as (_, variables, _):
            shop.environ.update(variables)
            applied = shop.pac("apply", "--yes")
            assert applied.exit_code == 0, applied.output
            assert shop.pac("plan", "--detailed-exitcode").exit_code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (ServeOptions(host="0.0.0.0"), "readable by everybody"),
        (ServeOptions(host="0.0.0.0", public_url="https://id.example", dev=True), "this machine only"),
        (ServeOptions(tls_cert=Path("x")), "belong together"),
        (ServeOptions(workspaces=("shop", "admin")), "by itself"),
        (ServeOptions(public_url="http://id.example"), "https://"),
        (ServeOptions(public_url="http://localhost.evil.example"), "https://"),
        (ServeOptions(public_url="https://me:secret@id.example"), "no names"),
        (ServeOptions(public_url="https://id.example\\@evil.example"), "no URL"),
        (ServeOptions(host="0.0.0.0", tls_cert=Path("x"), tls_key=Path("y")), "which tokens and links"),
    ],
)
def test_what_would_be_unsafe_is_refused(options: ServeOptions, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _check(options)
    assert said in refused.value.message


def test_the_age_of_a_signing_key_is_a_duration_of_an_hour_or_more(tmp_path: Path) -> None:
    for age, environ, said in (
        ("soon", {}, "--signing-key-age is not a duration"),
        ("59m", {}, "at least 1h"),
        ("30d", {"POOL_AS_CODE_SIGNING_KEY": "x"}, "nobody replaces there"),
    ):
        options = ["serve", "--dev", "--port", "0", "--store", f"sqlite:///{tmp_path}/d.db", "--signing-key-age", age]
        result = CliRunner().invoke(root, options, env=environ)
        assert (result.exit_code, said in result.stderr) == (1, True), result.stderr


def test_a_server_that_nobody_could_ask_does_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(root, ["serve", "--port", "0", "--store", "sqlite:///d.db"])
    assert result.exit_code == 1
    assert "no client is registered" in result.stderr


def test_a_mail_server_is_named_by_a_url() -> None:
    made = mail_port("smtp://me:p%40ss@mail.example:2525?from=id@example.com")
    assert made == Smtp("mail.example", 2525, "id@example.com", "starttls", "me", "p@ss")
    assert "p@ss" not in repr(made)
    assert mail_port("smtps://mail.example?from=id@example.com") == Smtp("mail.example", 465, "id@example.com", "tls")
    assert mail_port("") is None
    for url in (
        "http://x",
        "smtp://mail.example",
        "smtp+plain://mail.example?from=a@b.c",
        "smtp://me:secret@[?from=a@b.c",
    ):
        with pytest.raises(InvalidInput) as refused:
            mail_port(url)
        assert "secret" not in refused.value.message
