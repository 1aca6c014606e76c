"""Every way of saying who one is, checked by an authority that looks closely; and where credentials never go."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import unquote_plus

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pool_as_code.core.errors import InvalidInput, Unauthorised, Unavailable
from pool_as_code.core.secrets import Secret
from pool_as_code.stores.secureauth.connection import ClientCertificate, Lost, NotSent
from pool_as_code.stores.secureauth.credentials import Client, credentials_of
from tests.stores.secureauth.scripted import CLIENT_SECRET, Script, Sent, World, a_transport, reply

ENDPOINT = "https://id.example.com/shop/system/oauth2/token"


def ask(script: Script, world: World | None = None, *, client: Client | None = None, allowed: str = "") -> Sent:
    """One read; the request that fetched its token."""
    script.steps = [reply(200, {})]
    a_transport(script, world or World(), client=client, allowed=allowed).get("/system/pools")
    return next(one for one in script.tokens if one.method == "POST")


def test_a_secret_goes_into_the_header_each_half_encoded() -> None:
    sent = ask(Script())
    scheme, _, code = sent.headers["authorization"].partition(" ")
    name, _, secret = base64.b64decode(code).decode().partition(":")
    assert (scheme, name, unquote_plus(secret)) == ("Basic", "robot", CLIENT_SECRET)
    assert sent.form == {"grant_type": "client_credentials"}
    assert sent.url == ENDPOINT


def test_a_secret_goes_into_the_form_where_the_service_takes_it_only_there() -> None:
    sent = ask(Script(discovery={"token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"]}))
    assert (sent.form["client_id"], sent.form["client_secret"]) == ("robot", CLIENT_SECRET)
    assert "authorization" not in sent.headers


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
    ids=["RSA", "P-256", "P-384", "Ed25519"],
)
def test_a_private_key_signs_an_assertion(key: rsa.RSAPrivateKey, algorithm: str) -> None:
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    script, world = Script(), World()
    sent = ask(script, world, client=Client("robot", key=Secret(text), key_id="k1"))
    assertion = sent.form["client_assertion"]
    options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}  # the world's clock is its own
    claims = jwt.decode(assertion, key.public_key(), [algorithm], audience=ENDPOINT, options=options)  # type: ignore[arg-type]
    assert (claims["iss"], claims["sub"]) == ("robot", "robot")
    assert (claims["iat"], claims["exp"]) == (int(world.time), int(world.time) + 60)
    assert jwt.get_unverified_header(assertion)["kid"] == "k1"
    assert sent.form["client_assertion_type"].endswith(":jwt-bearer")
    script.expires_in = 1
    world.time += 4000
    again = Script()
    assert ask(again, client=Client("robot", key=Secret(text))).form["client_assertion"] != assertion


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_private_key_is_told_and_not_shown(text: str) -> None:
    with pytest.raises(Unauthorised) as refused:
        ask(Script(), client=Client("robot", key=Secret(text)))
    assert "AAAA" not in refused.value.message


def test_with_a_certificate_the_endpoint_for_certificates_is_asked() -> None:
    aliases = {"mtls_endpoint_aliases": {"token_endpoint": "https://mtls.example.com/shop/system/oauth2/token"}}
    sent = ask(Script(discovery=aliases), client=Client("robot"), allowed="mtls.example.com")
    assert sent.url == "https://mtls.example.com/shop/system/oauth2/token"
    assert sent.form == {"grant_type": "client_credentials", "client_id": "robot"}


def test_scopes_are_asked_for_where_somebody_names_them() -> None:
    sent = ask(Script(), client=Client("robot", Secret("x"), scopes="identity read_configuration"))
    assert sent.form["scope"] == "identity read_configuration"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/oauth2/token",
        "https://id.example.com.evil.example/oauth2/token",
        "https://id.example.com:8443/oauth2/token",
        "http://id.example.com/oauth2/token",
        "https://id.example.com@evil.example/oauth2/token",
        "file:///oauth2/token",
        "//evil.example/oauth2/token",
    ],
)
def test_a_token_endpoint_somewhere_else_gets_no_credentials(endpoint: str) -> None:
    script = Script(discovery={"token_endpoint": endpoint})
    with pytest.raises(Unauthorised):
        ask(script)
    assert [one.method for one in script.tokens] == ["GET"]
    assert script.sent == []


def test_a_token_endpoint_somewhere_else_may_be_allowed() -> None:
    script = Script(discovery={"token_endpoint": "https://login.example.net/oauth2/token"})
    assert ask(script, allowed="id.example.com,login.example.net").url == "https://login.example.net/oauth2/token"


@pytest.mark.parametrize("body", [{"error": "invalid_client", "error_description": CLIENT_SECRET}, {}, None])
def test_a_refused_client_is_told_without_what_it_sent(body: object) -> None:
    script = Script(token_steps=[reply(401, body)])
    with pytest.raises(Unauthorised) as refused:
        ask(script)
    assert CLIENT_SECRET not in refused.value.message + refused.value.hint
    assert "'robot'" in refused.value.message


def test_asking_for_a_token_is_repeated() -> None:
    script = Script(token_steps=[Lost("broke off"), NotSent("refused"), reply(503), reply(429, retry_after="1")])
    ask(script)
    assert script.sent[0].headers["authorization"] == "Bearer t5"


@pytest.mark.parametrize("body", [{"access_token": ""}, {"access_token": "a\nb"}, {"token_type": "bearer"}, [1]])
def test_an_answer_without_a_token_is_none(body: object) -> None:
    with pytest.raises((Unauthorised, Unavailable)):
        ask(Script(token_steps=[reply(200, body)]))


# -- the environment


def test_credentials_come_from_the_environment_alone(tmp_path: Path) -> None:
    environ = {"POOL_AS_CODE_CLIENT_ID": "robot", "POOL_AS_CODE_CLIENT_SECRET": "s"}
    found = credentials_of(environ, tmp_path)
    assert found.system == Client("robot", Secret("s"))
    assert found.admin is None
    both = {"POOL_AS_CODE_ADMIN_CLIENT_ID": "boss", "POOL_AS_CODE_ADMIN_CLIENT_SECRET": "b"}
    assert credentials_of(environ | both, tmp_path).admin == Client("boss", Secret("b"))


def test_a_key_alone_signs_and_a_key_with_a_certificate_belongs_to_it(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("PEM")
    environ = {"POOL_AS_CODE_CLIENT_ID": "robot", "POOL_AS_CODE_CLIENT_KEY": "key.pem"}
    found = credentials_of(environ, tmp_path)
    assert found.system == Client("robot", key=Secret("PEM"))
    found = credentials_of(environ | {"POOL_AS_CODE_CLIENT_CERT": "cert.pem"}, tmp_path)
    assert found.system == Client("robot")
    assert found.certificate == ClientCertificate(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"POOL_AS_CODE_CLIENT_ID": "robot"},
        {"POOL_AS_CODE_CLIENT_SECRET": "s3cret"},
        {"POOL_AS_CODE_CLIENT_ID": "r", "POOL_AS_CODE_CLIENT_SECRET": "s3cret", "POOL_AS_CODE_ADMIN_CLIENT_ID": "boss"},
        {"POOL_AS_CODE_CLIENT_ID": "robot", "POOL_AS_CODE_CLIENT_KEY": "nowhere.pem"},
    ],
)
def test_missing_credentials_are_told_with_what_to_set(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        credentials_of(environ, tmp_path)
    (problem,) = refused.value.diagnostics
    assert problem.code in ("PAC541", "PAC542")
    assert "s3cret" not in problem.summary + problem.detail + problem.hint
