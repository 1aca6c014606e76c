"""Tokens: how they are had, what they open, and what is refused."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pool_as_code.core.errors import InvalidInput
from pool_as_code.server.clients import Client, read_clients
from pool_as_code.server.signing import fixed, new_key
from tests.server.site import Asked


def test_discovery_names_the_token_endpoint_of_each_server(site: Asked) -> None:
    for server in ("system", "admin"):
        found = site.http.get(f"/default/{server}/.well-known/openid-configuration").json()
        assert found["issuer"] == f"http://testserver/default/{server}"
        assert found["token_endpoint"] == f"http://testserver/default/{server}/oauth2/token"
    assert site.http.get("/default/nowhere/.well-known/openid-configuration").status_code == 404
    assert site.http.get("/other/system/.well-known/openid-configuration").status_code == 404


def test_the_issuer_s_path_may_stand_behind_the_well_known_one(site: Asked) -> None:
    for word in ("openid-configuration", "oauth-authorization-server"):
        found = site.http.get(f"/.well-known/{word}/default/admin")
        assert found.json() == site.http.get(f"/default/admin/.well-known/{word}").json()
    assert site.http.get("/.well-known/openid-configuration/default/nowhere").status_code == 404
    assert site.http.get("/.well-known/openid-configuration").status_code == 404


def test_a_host_that_is_none_is_not_repeated_in_discovery(site: Asked) -> None:
    headers = {"host": 'evil"><x'}
    found = site.http.get("/default/system/.well-known/openid-configuration", headers=headers).json()
    assert "evil" not in found["issuer"]


def test_a_token_is_a_jwt_that_the_published_key_verifies(site: Asked) -> None:
    (key,) = site.http.get("/default/system/.well-known/jwks.json").json()["keys"]
    assert "d" not in key
    claims = jwt.decode(site.token(), jwt.PyJWK(key), algorithms=["ES256"], audience="everything")
    assert claims["exp"] > time.time()
    assert claims["tid"] == "default"
    assert "identity" in claims["scp"]


def test_clients_authenticate_in_the_header_or_in_the_form(site: Asked) -> None:
    form = {"grant_type": "client_credentials", "scope": "identity"}
    posted = {**form, "client_id": "everything", "client_secret": site.secret}
    for answer in (
        site.http.post("/default/system/oauth2/token", data=form, auth=("everything", site.secret)),
        site.http.post("/default/system/oauth2/token", data=posted),
    ):
        body = answer.json()
        assert answer.status_code == 200
        assert (body["token_type"], body["scope"], body["expires_in"]) == ("bearer", "identity", 3600)


@pytest.mark.parametrize(
    ("form", "auth", "error"),
    [
        ({"grant_type": "client_credentials"}, ("everything", "wrong"), "invalid_client"),
        ({"grant_type": "client_credentials"}, ("nobody", "wrong"), "invalid_client"),
        ({"grant_type": "authorization_code"}, None, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "everything"}, None, "invalid_scope"),
        ({}, None, "unsupported_grant_type"),
    ],
)
def test_what_is_refused_has_the_form_of_oauth(
    site: Asked, form: dict[str, str], auth: tuple[str, str] | None, error: str
) -> None:
    answer = site.http.post("/default/system/oauth2/token", data=form, auth=auth or ("everything", site.secret))
    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)


def test_guessing_a_secret_is_blocked_after_five_failures(site: Asked) -> None:
    form = {"grant_type": "client_credentials"}
    found = [
        site.http.post("/default/system/oauth2/token", data=form, auth=("everything", "wrong")).status_code
        for _ in range(6)
    ]
    assert found == [401] * 5 + [429]


def test_a_request_without_a_token_is_told_so_in_json(site: Asked) -> None:
    answer = site.http.get("/api/identity/default/system/pools")
    assert answer.status_code == 401
    assert answer.json()["error_code"] == "invalid_access_token"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_with_another_algorithm_is_none(site: Asked, algorithm: str) -> None:
    claims = jwt.decode(site.token(), options={"verify_signature": False})
    pem = site.server.site.tokens.key.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    forged = jwt.encode(claims, "" if algorithm == "none" else pem.hex(), algorithm=algorithm)
    answer = site.http.get("/api/identity/default/system/pools", headers={"authorization": f"Bearer {forged}"})
    assert answer.status_code == 401


def test_a_token_expires_even_when_it_was_good_before() -> None:
    moment = [time.time()]
    with Asked(settings={"clock": lambda: moment[0]}) as site:
        assert site.ask("GET", "/pools").status_code == 200
        moment[0] += 3601
        assert site.ask("GET", "/pools").json()["error_code"] == "invalid_access_token"


def test_a_token_opens_its_own_server_only(site: Asked) -> None:
    crossed = {"authorization": f"Bearer {site.token('admin')}"}
    assert site.ask("GET", "/pools", headers=crossed).status_code == 401
    crossed = {"authorization": f"Bearer {site.token('system')}"}
    assert site.ask("GET", "/admin/pools", headers=crossed).status_code == 401


def test_another_tenant_with_the_same_key_is_another_world() -> None:
    keys = fixed(new_key())
    with Asked(settings={"keys": keys}) as one, Asked(settings={"keys": keys, "tenant": "other"}) as other:
        headers = {"authorization": f"Bearer {one.token()}"}
        assert other.http.get("/api/identity/other/system/pools", headers=headers).status_code == 401
        assert other.http.get("/api/identity/default/system/pools", headers=headers).status_code == 404


def test_a_scope_that_is_missing_is_forbidden(site: Asked) -> None:
    few = {"authorization": f"Bearer {site.token(scope='manage_configuration')}"}
    answer = site.ask("GET", "/pools", headers=few)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "insufficient_scope")


def test_a_client_that_may_only_read_writes_nothing() -> None:
    import hashlib

    secret = "only for reading 1"
    reader = Client(
        "reader", frozenset({"admin"}), read_only=True, secret_digest=hashlib.sha256(secret.encode()).digest()
    )
    with Asked(settings={"clients": (reader,)}) as site:
        form = {"grant_type": "client_credentials"}
        token = site.http.post("/default/admin/oauth2/token", data=form, auth=("reader", secret)).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        base = "/api/identity/default/admin/pools"
        assert site.http.get(base, headers=headers).status_code == 200
        assert site.http.post(base, headers=headers, json={"name": "x"}).status_code == 403


def test_introspection_tells_a_client_of_the_same_server_what_a_token_says(site: Asked) -> None:
    def asked(server: str) -> Any:
        auth = ("everything", site.secret)
        return site.http.post(f"/default/{server}/oauth2/introspect", data={"token": site.token()}, auth=auth).json()

    assert asked("system")["active"] is True
    assert asked("system")["client_id"] == "everything"
    assert asked("admin") == {"active": False}
    assert site.http.post("/default/system/oauth2/introspect", data={"token": site.token()}).status_code == 401


def test_a_client_with_a_private_key_signs_once_for_each_token(tmp_path: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "clients.yaml").write_text("clients:\n- {id: signer, servers: [system], publicKey: key.pem}\n")
    with Asked(settings={"clients": tuple(read_clients(tmp_path / "clients.yaml"))}) as site:
        claims = {
            "iss": "signer",
            "sub": "signer",
            "aud": "http://testserver/default/system/oauth2/token",
            "exp": int(time.time()) + 60,
            "jti": str(uuid.uuid4()),
        }

        def asked(said: dict[str, Any], key: ec.EllipticCurvePrivateKey = private) -> int:
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": jwt.encode(said, key, algorithm="ES256"),
            }
            return site.http.post("/default/system/oauth2/token", data=form).status_code

        assert asked(claims) == 200
        assert asked(claims) == 401
        assert asked({**claims, "jti": "2", "aud": "http://elsewhere/token"}) == 401
        assert asked({**claims, "jti": "3"}, ec.generate_private_key(ec.SECP256R1())) == 401


def test_clients_are_read_from_a_file_with_their_secrets_as_hashes(tmp_path: Path) -> None:
    from pool_as_code.directory.hashing import TEST_PARAMETERS, hash_password

    stored = hash_password("a long enough secret", "argon2", TEST_PARAMETERS).to_json()
    path = tmp_path / "clients.yaml"
    path.write_text(
        f"clients:\n- {{id: one, servers: [system], scopes: [identity], secret: {{hash: {json.dumps(stored)}}}}}\n"
        "- {id: two, servers: [admin], secret: {fromEnv: TWO}}\n"
    )
    clients = tuple(read_clients(path, {"TWO": "another long secret"}))
    assert "secret" not in repr(clients).replace("secret_", "")
    with Asked(settings={"clients": clients}) as site:
        form = {"grant_type": "client_credentials"}
        for secret, status in (("a long enough secret", 200), ("a long enough secret", 200), ("another", 401)):
            answer = site.http.post("/default/system/oauth2/token", data=form, auth=("one", secret))
            assert answer.status_code == status
        answer = site.http.post("/default/admin/oauth2/token", data=form, auth=("two", "another long secret"))
        assert answer.status_code == 200
        answer = site.http.post("/default/system/oauth2/token", data=form, auth=("two", "another long secret"))
        assert answer.json()["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    "text",
    [
        "clients: {}",
        "clients:\n- {id: one}",
        "clients:\n- {id: one, servers: [system]}",
        "clients:\n- {id: one, servers: [system], secret: in clear text}",
        "clients:\n- {id: one, servers: [system], secret: {text: in clear text}}",
        "clients:\n- {id: one, servers: [system], secret: {fromEnv: MISSING}}",
        "clients:\n- {id: one, servers: [system], role: admin, secret: {fromEnv: MISSING}}",
        "not: [closed",
    ],
)
def test_a_clients_file_that_is_wrong_is_refused_without_its_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "clients.yaml").write_text(text)
    with pytest.raises(InvalidInput) as refused:
        read_clients(tmp_path / "clients.yaml", {})
    assert "in clear text" not in refused.value.message
