"""Where messages to people go: the port, its SMTP form, and what a message says. What waits stands in the directory's outbox;
`delivery.py` takes it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from ..directory.messages import Contents, Message

_SUBJECTS = {
    "activation": "Activate your account",
    "password_reset": "Reset your password",
    "totp_reset": "Reset your authenticator app",
    "address_verification": "Verify your address",
    "one_time_code": "Your code",
    "registration_attempt": "Somebody tried to register with your address",
}
_PAGES = {"activation": "activate", "password_reset": "reset-password"}
_NOTICE = "An account with this address exists already. If this was you, sign in, or reset your password."


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it leaves. `kind` is what it is about; `text` holds the code or the link, so it is never shown."""

    id: str
    kind: str
    address: str
    subject: str
    text: str = field(repr=False)


class MailPort(Protocol):
    """Sends messages. May take seconds; raises OSError when a message was not accepted, and nothing else."""

    def reaches(self, address: str) -> bool:
        """Whether it can send there at all: what it can not waits for another, and is not tried again and again."""

    def send(self, mail: Mail) -> None:
        """Hand one message over."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. `security` is `starttls`, `tls` or, for loopback only, `none`; texts to telephones are not sent."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20.0

    def reaches(self, address: str) -> bool:
        """Mailboxes."""
        return "@" in address

    def send(self, mail: Mail) -> None:
        """Hand one message over."""
        import smtplib
        import ssl
        from email.message import EmailMessage

        message = EmailMessage()
        try:
            message["From"], message["To"], message["Subject"] = self.sender, mail.address, mail.subject
        except ValueError as error:
            raise OSError("the address can not stand in a mail") from error
        message["Message-ID"] = f"<{mail.id}@pool-as-code>"
        message.set_content(mail.text)
        context = ssl.create_default_context()
        try:
            server = (
                smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
                if self.security == "tls"
                else smtplib.SMTP(self.host, self.port, timeout=self.timeout)
            )
            with server:
                if self.security == "starttls":
                    server.starttls(context=context)
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (smtplib.SMTPException, ValueError) as error:  # its text may repeat the message
            raise OSError(f"the mail server refused: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class Told:
    """A developer's mail: every message is told, with its code."""

    tell: Callable[[str], None]

    def reaches(self, address: str) -> bool:
        """Everybody."""
        return True

    def send(self, mail: Mail) -> None:
        """Tell it."""
        self.tell(f"to {mail.address}: {mail.subject}\n{mail.text}")


def written(message: Message, contents: Contents | None, base_url: str, tenant: str) -> Mail:
    """What a message says, in plain words."""
    subject = _SUBJECTS.get(message.kind, "A message about your account")
    if contents is None:
        return Mail(message.id, message.kind, message.address, subject, _NOTICE)
    page = _PAGES.get(message.kind)
    if message.via == "link" and page is not None:
        place = f"{base_url}/{quote(tenant, safe='')}/identity/{quote(message.pool_id, safe='')}"
        link = f"{place}/{page}?code={quote(contents.long)}"
        return Mail(message.id, message.kind, message.address, subject, f"{subject}: {link}")
    code = contents.long if message.kind == "totp_reset" and message.via == "link" else contents.short
    return Mail(message.id, message.kind, message.address, subject, f"{subject}. Your code: {code}")
