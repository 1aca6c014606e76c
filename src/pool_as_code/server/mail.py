"""Where messages to people go: the port, and its SMTP form. What waits to be sent stands in the directory's outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it leaves. `kind` is what it is about; `text` holds the code or the link, so it is never shown."""

    id: str
    kind: str
    address: str
    subject: str
    text: str = field(repr=False)


class MailPort(Protocol):
    """Sends messages. May take seconds; must raise OSError when a message was not accepted."""

    def send(self, mail: Mail) -> None:
        """Hand one message over."""
