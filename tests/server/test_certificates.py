"""Clients that prove who they are by the certificate of their connection: over real TLS, with our own store as one of them."""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from pool_as_code.app.serving import ServeOptions, _ask_for_certificates, _clients, _listening
from pool_as_code.core.errors import InvalidInput
from pool_as_code.server.clients import read_clients
from pool_as_code.server.guarded import Guarded
from pool_as_code.stores.secureauth.transport import open_transport
from tests.server.site import Asked

FORM = {"grant_type": "client_credentials"}


class Made(NamedTuple):
    """A certificate and its key, in one file."""

    path: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def made(folder: Path, name: str, issuer: Made | None = None, *, days: int = 1) -> Made:
    """A certificate of this name: signed by itself, or by an issuer; of the past with `days` below 0."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - datetime.timedelta(days=9))
        .not_valid_after(moment + datetime.timedelta(days=days))
        .add_extension(here, critical=False)
        .sign(issuer.key if issuer else key, SHA256())
    )
    path = folder / f"{name}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(certificate.public_bytes(Encoding.PEM) + secret)
    return Made(path, certificate, key)


class World(NamedTuple):
    """A server with TLS, and everybody's certificates."""

    url: str
    folder: Path
    people: dict[str, Made]

    def ask(self, shown: str, id: str, **more: Any) -> httpx.Response:
        """Ask for a token as `id`, showing somebody's certificate (nobody's: none)."""
        context = ssl.create_default_context(cafile=str(self.people["server"].path))
        if shown:
            context.load_cert_chain(self.people[shown].path)
        with httpx.Client(verify=context) as http:
            return http.post(f"{self.url}/default/system/oauth2/token", data={**FORM, "client_id": id}, **more)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("certificates")
    people = {name: made(folder, name) for name in ("server", "own", "stranger", "authority")}
    people["old"] = made(folder, "old", days=-1)
    people["signed"] = made(folder, "signed", people["authority"])
    people["sibling"] = made(folder, "sibling", people["authority"])
    registered = ("own", "old", "signed")
    listed = "".join(f"- {{id: {name}, servers: [system], certificate: {name}.pem}}\n" for name in registered)
    (folder / "clients.yaml").write_text(f"clients:\n{listed}")
    clients = tuple(read_clients(folder / "clients.yaml"))
    with _listening(ServeOptions(port=0)) as listener:
        url = f"https://localhost:{listener.getsockname()[1]}"
        with Asked(clients=clients, settings={"own_url": url}) as site:
            server = people["server"].path
            config = uvicorn.Config(
                site.app, http=Guarded, lifespan="off", log_level="critical", ssl_certfile=server, ssl_keyfile=server
            )
            _ask_for_certificates(config, [client.certificate for client in clients])
            running = uvicorn.Server(config)
            thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
            thread.start()
            try:
                yield World(url, folder, people)
            finally:
                running.should_exit = True
                thread.join(20)


@pytest.mark.parametrize("name", ["own", "signed"])
def test_a_client_is_the_one_whose_certificate_it_shows(world: World, name: str) -> None:
    assert world.ask(name, name).status_code == 200
    for other in {"own", "signed", "nobody", "everything", ""} - {name}:
        assert world.ask(name, other).json()["error"] == "invalid_client"


def test_without_a_certificate_a_name_proves_nothing(world: World) -> None:
    own = world.people["own"].certificate.public_bytes(Encoding.PEM).decode().replace("\n", " ").strip()
    for headers in (
        {},
        {"x-client-cert": own, "x-ssl-client-cert": own, "client-cert": own, "x-ssl-client-verify": "SUCCESS"},
    ):
        assert world.ask("", "own", headers=headers).json()["error"] == "invalid_client"


@pytest.mark.parametrize("shown", ["stranger", "sibling", "authority", "old"])
def test_a_certificate_that_nobody_registered_or_that_is_over_ends_the_connection(world: World, shown: str) -> None:
    with pytest.raises((httpx.TransportError, ssl.SSLError)):
        world.ask(shown, shown)


def test_our_store_signs_in_with_its_certificate(world: World) -> None:
    own = world.people["own"].path
    environ = {
        "POOL_AS_CODE_CLIENT_ID": "own",
        "POOL_AS_CODE_CLIENT_CERT": str(own),
        "SSL_CERT_FILE": str(world.people["server"].path),
    }
    url = f"secureauth+{world.url}/default"
    transport = open_transport(url, read_only=True, root=world.folder, environ=environ)
    try:
        assert transport.get("/system/pools").body == {"pools": []}
    finally:
        transport.close()


def test_a_certificate_is_asked_for_by_the_server_itself_alone(tmp_path: Path) -> None:
    made(tmp_path, "own")
    (tmp_path / "clients.yaml").write_text("clients:\n- {id: own, servers: [system], certificate: own.pem}\n")
    with pytest.raises(InvalidInput, match="has no TLS"):
        _clients(("default",), ServeOptions(clients=tmp_path / "clients.yaml"), {}, "http://x")
    (tmp_path / "own.pem").write_text("no certificate")
    with pytest.raises(InvalidInput, match="certificate in PEM"):
        read_clients(tmp_path / "clients.yaml")
