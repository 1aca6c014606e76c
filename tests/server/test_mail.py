"""Messages reach people once: through a mail server, or shown to a developer on this machine."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path

import pytest

from pool_as_code.directory import messages
from pool_as_code.server.delivery import deliver
from pool_as_code.server.mail import Mail, Smtp, Told
from tests.server.site import Asked

BASE = "https://id.example"


class Letters:
    """Keeps what is sent; refuses the first `refusals`."""

    def __init__(self, refusals: int = 0) -> None:
        self.sent: list[Mail] = []
        self.refusals = refusals
        self.arrived = threading.Event()

    def reaches(self, address: str) -> bool:
        return True

    def send(self, mail: Mail) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OSError("no")
        self.sent.append(mail)
        self.arrived.set()


def invited(site: Asked, via: str = "link") -> None:
    site.post("/pools", {"id": "p", "name": "P"})
    address = {"address": "ada@example.com", "type": "email", "status": "active", "verified": False}
    site.post("/pools/p/users", {"id": "ada", "status": "new", "verifiable_addresses": [address]})
    site.post("/pools/p/users/ada/activation/send", {}, 204, code_type_in_message=via)


def test_a_message_is_sent_once_and_its_code_forgotten(site: Asked) -> None:
    invited(site)
    letters = Letters()
    for _ in range(2):
        assert site.inside(lambda directory: deliver(directory, letters, BASE, "default")) == 0
    (mail,) = letters.sent
    assert mail.text.startswith(f"Activate your account: {BASE}/default/identity/p/activate?code=")
    long = mail.text.rpartition("=")[2]
    assert long not in repr(mail)
    assert site.post("/pools/p/user/activate", {"code": long})["status"] == "active"


def test_a_message_that_can_not_be_opened_keeps_no_other_back(site: Asked, caplog: pytest.LogCaptureFixture) -> None:
    invited(site)
    site.inside(lambda it: it.db.execute("UPDATE messages SET sealed = 'v1.broken'"))
    other = {"address": "bob@example.com", "type": "email", "status": "active", "verified": False}
    site.post("/pools/p/users", {"id": "bob", "status": "new", "verifiable_addresses": [other]})
    site.post("/pools/p/users/bob/activation/send", {}, 204)
    letters = Letters()
    with caplog.at_level(logging.ERROR):
        assert site.inside(lambda directory: deliver(directory, letters, BASE, "default")) == 0
    assert [mail.address for mail in letters.sent] == ["bob@example.com"]
    assert "can not be opened" in caplog.text


def test_a_mail_server_that_is_away_is_asked_once_and_not_for_each_message(site: Asked) -> None:
    invited(site)
    for id in ("bob", "cy"):
        address = {"address": f"{id}@example.com", "type": "email", "status": "active", "verified": False}
        site.post("/pools/p/users", {"id": id, "status": "new", "verifiable_addresses": [address]})
        site.post(f"/pools/p/users/{id}/activation/send", {}, 204)
    asked: list[str] = []

    class Away:
        def reaches(self, address: str) -> bool:
            return True

        def send(self, mail: Mail) -> None:
            asked.append(mail.address)
            raise ConnectionRefusedError

    assert site.inside(lambda directory: deliver(directory, Away(), BASE, "default")) == 1
    assert len(asked) == 1
    letters = Letters()
    assert site.inside(lambda directory: deliver(directory, letters, BASE, "default")) == 0
    assert len(letters.sent) == 3


def test_a_message_that_was_not_accepted_waits_with_its_code(site: Asked, caplog: pytest.LogCaptureFixture) -> None:
    invited(site, "code")
    letters = Letters(refusals=1)
    with caplog.at_level(logging.ERROR):
        assert site.inside(lambda directory: deliver(directory, letters, BASE, "default")) == 1
    assert "ada@example.com" not in caplog.text
    assert site.inside(lambda directory: deliver(directory, letters, BASE, "default")) == 0
    short = letters.sent[0].text.rpartition(" ")[2]
    assert site.post("/pools/p/users/ada/activate", {"code": short})["status"] == "active"


def test_two_servers_on_one_directory_send_a_message_once(site: Asked) -> None:
    invited(site)

    def twice(directory: object) -> list[bool]:
        (message,) = messages.waiting(directory)  # type: ignore[arg-type]
        return [messages.take(directory, message) for _ in range(2)]  # type: ignore[arg-type]

    assert site.inside(twice) == [True, False]


def test_a_running_server_delivers_by_itself(tmp_path: Path) -> None:
    letters = Letters()
    with Asked(database=tmp_path / "d.db", settings={"mail": letters, "public_url": BASE}) as site:
        invited(site)
        assert letters.arrived.wait(20)
    assert [mail.address for mail in letters.sent] == ["ada@example.com"]


def test_a_developer_reads_the_outbox_on_this_machine_only() -> None:
    with Asked(settings={"dev": True}) as site:
        invited(site)
        here = {"host": "localhost:8080"}
        (message,) = site.http.get("/dev/outbox", headers=here).json()["messages"]
        assert message["address"] == "ada@example.com"
        assert message["extended_code"] in message["text"]
        for headers in ({"host": "evil.example"}, {**here, "origin": "https://evil.example"}):
            assert site.http.get("/dev/outbox", headers=headers).status_code == 403
        assert site.http.delete("/dev/outbox", headers=here).status_code == 204
        assert site.http.get("/dev/outbox", headers=here).json() == {"messages": []}


def test_only_a_developer_s_server_has_an_outbox_to_read(site: Asked) -> None:
    assert site.http.get("/dev/outbox", headers={"host": "localhost"}).status_code == 404


def test_a_developer_is_told_every_message(site: Asked) -> None:
    invited(site)
    told: list[str] = []
    site.inside(lambda directory: deliver(directory, Told(told.append), BASE, "default"))
    assert told[0].startswith("to ada@example.com: Activate your account")


def test_mail_goes_out_by_smtp() -> None:
    got: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_mail_server, args=(listener, got))
        thread.start()
        port = Smtp("127.0.0.1", listener.getsockname()[1], "id@example.com", security="none")
        port.send(Mail("1", "activation", "ada@example.com", "Activate your account", "Your code: 123456"))
        thread.join()
    text = "\n".join(got)
    assert "RCPT TO:<ada@example.com>" in text.upper().replace("ADA@EXAMPLE.COM", "ada@example.com")
    assert "Your code: 123456" in text


def test_a_mail_server_without_encryption_is_told_nothing() -> None:
    got: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_mail_server, args=(listener, got))
        thread.start()
        port = Smtp("127.0.0.1", listener.getsockname()[1], "id@example.com", user="me", password="the password")
        with pytest.raises(OSError, match="refused"):
            port.send(Mail("1", "activation", "ada@example.com", "Activate your account", "Your code: 123456"))
        thread.join()
    assert [line.split(" ")[0].upper() for line in got] == ["EHLO", "QUIT"]


def test_what_can_not_stand_in_a_mail_is_not_sent() -> None:
    address = "a@example.com\r\nBcc: b@example.com"
    with pytest.raises(OSError, match="address"):
        Smtp("127.0.0.1", 9, "id@example.com").send(Mail("1", "activation", address, "s", "t"))


def test_a_telephone_is_not_tried_by_mail_and_its_message_waits(site: Asked, caplog: pytest.LogCaptureFixture) -> None:
    invited(site)
    phone = {"address": "+48123456789", "type": "mobile", "status": "active", "verified": False}
    site.post("/pools/p/users", {"id": "bob", "status": "new", "verifiable_addresses": [phone]})
    site.post("/pools/p/users/bob/activation/send", {}, 204)
    letters = Letters()
    letters.reaches = Smtp("127.0.0.1", 9, "id@example.com").reaches  # type: ignore[method-assign]
    with caplog.at_level(logging.DEBUG):
        assert site.inside(lambda directory: deliver(directory, letters, BASE, "default")) == 0
    assert [mail.address for mail in letters.sent] == ["ada@example.com"]
    assert not [record for record in caplog.records if record.name.startswith("pool_as_code")]
    assert [message.address for message in site.inside(messages.waiting)] == ["+48123456789"]


def _mail_server(listener: socket.socket, got: list[str]) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as stream:

        def say(text: str) -> None:
            stream.write(text.encode() + b"\r\n")
            stream.flush()

        say("220 ready")
        body = False
        for line in stream:
            text = line.decode().rstrip("\r\n")
            got.append(text)
            if body:
                if text == ".":
                    body = False
                    say("250 kept")
            elif text.upper() == "DATA":
                body = True
                say("354 go on")
            elif text.upper() == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")
