"""An authority of our own, and a server on this machine that shows a certificate of it and tells what it heard."""

from __future__ import annotations

import datetime
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Answer = tuple[int, dict[str, str], Any]


class Authority:
    """Signs certificates for names on this machine. `file` is its own certificate."""

    def __init__(self, folder: Path, name: str = "ours") -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = folder / f"{name}.pem"
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        made = self._builder(self._name, self._key).add_extension(constraints, critical=True).sign(self._key, SHA256())
        self.file.write_bytes(made.public_bytes(Encoding.PEM))

    def certify(self, name: str) -> Path:
        """A file with a certificate for `name` and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        made = self._builder(subject, key).add_extension(names, critical=False).sign(self._key, SHA256())
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = self.folder / f"{name}-{made.serial_number}.pem"
        file.write_bytes(made.public_bytes(Encoding.PEM) + secret)
        return file

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        about = x509.CertificateBuilder().issuer_name(self._name).subject_name(subject).public_key(key.public_key())
        about = about.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
        return about.not_valid_after(now + datetime.timedelta(days=1))


@dataclass
class Heard:
    """One request. `peer` is the name in the certificate that the client showed."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    peer: str = ""


@dataclass
class Listener:
    """A server on this machine, with TLS where it has a certificate. `connections` counts whoever came, whether it said
    something or not."""

    answer: Callable[[Heard], Answer]
    certificate: Path | None = None
    clients: Path | None = None  # the authority of certificates that clients have to show
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Listener:
        listener = self

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self) -> Any:
                there, address = super().get_request()
                listener.connections += 1
                return there, address

            def finish_request(self, request: Any, client_address: Any) -> None:
                try:
                    if listener.certificate is not None:
                        request = listener.context().wrap_socket(request, server_side=True)
                    super().finish_request(request, client_address)
                    request.close()
                except OSError:  # a client that does not believe us, or shows nothing
                    request.close()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                shown: Any = getattr(self.connection, "getpeercert", dict)() or {}
                names = dict(pair for part in shown.get("subject", ()) for pair in part)
                headers = {name.lower(): value for name, value in self.headers.items()}
                heard = Heard(self.command, self.path, headers, body, str(names.get("commonName", "")))
                listener.heard.append(heard)
                status, more, answer = listener.answer(heard)
                content = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**more, "content-length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *words: object) -> None:
                """Says nothing."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def context(self) -> ssl.SSLContext:
        """How this server speaks."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.certificate is not None
        context.load_cert_chain(self.certificate)
        if self.clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.clients)
        return context

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_port)

    @property
    def origin(self) -> str:
        """Its scheme, host and port."""
        return f"http{'s' if self.certificate is not None else ''}://localhost:{self.port}"
