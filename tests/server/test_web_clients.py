"""Web applications in the file of clients: what they may say, and what is refused with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.errors import InvalidInput
from pool_as_code.server.clients import made_web_client, read_clients

WEB = {"id": "web", "public": True, "servers": ["shop"], "redirectUris": ["http://localhost:3000/"]}
SECRET = {"fromEnv": "SECRET"}
ENVIRON = {"SECRET": "sixteen letters or more"}


def read(tmp_path: Path, **member: Any) -> Any:
    path = tmp_path / "clients.yaml"
    path.write_text(json.dumps({"clients": [{key: value for key, value in member.items() if value is not None}]}))
    (client,) = read_clients(path, ENVIRON)
    return client


def test_a_public_client_signs_people_in_and_does_nothing_else(tmp_path: Path) -> None:
    client = read(tmp_path, **WEB, loginPage="https://login.example/")
    assert (client.public, client.grants, client.login_page) == (True, {"authorization_code"}, "https://login.example/")
    assert client.opens("shop")
    assert not client.opens("till")


def test_a_program_with_a_secret_may_sign_people_in_beside_what_it_did(tmp_path: Path) -> None:
    client = read(tmp_path, **{**WEB, "public": None}, secret=SECRET)
    assert client.grants == {"client_credentials", "authorization_code"}
    assert "authorization_code" not in read(tmp_path, id="x", servers=["shop"], secret=SECRET).grants


def test_administrators_are_named_by_a_public_client_of_admin(tmp_path: Path) -> None:
    office = {**WEB, "servers": ["admin"]}
    assert read(tmp_path, **office, administrators=["staff/ada"]).administrators == {"staff/ada"}


@pytest.mark.parametrize(
    "other",
    [
        {"redirectUris": None},
        {"redirectUris": []},
        {"redirectUris": ["http://shop.example/"]},
        {"secret": SECRET},
        {"servers": ["shop", "system"]},
        {"grants": ["client_credentials"]},
        {"servers": ["admin"]},
        {"administrators": ["staff/ada"]},
        {"servers": ["admin"], "administrators": ["ada"]},
        {"servers": ["admin"], "administrators": ["/ada"]},
        {"loginPage": "http://shop.example/"},
        {"servers": ["*"]},
        {"public": None},
    ],
)
def test_what_a_web_application_can_not_be_is_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        read(tmp_path, **{**WEB, **other})


def test_a_developers_application_is_one_of_every_workspace_and_of_no_other_server() -> None:
    client = made_web_client(["http://localhost:5173/"])
    assert (client.opens("shop"), client.opens("admin"), client.opens("system")) == (True, False, False)
    assert made_web_client([]).redirect_uris == ("http://localhost:3000/",)
    with pytest.raises(InvalidInput):
        made_web_client(["http://shop.example/"])
