"""Takes messages out of the directory's outbox and hands them to the mail port, in a thread of its own.

A message is taken before it is sent, and put back when it was not accepted: whatever happens, it is never sent twice, also
when several servers share one directory.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable

from ..core.errors import PoolAsCodeError
from ..directory import messages
from ..directory.directory import Directory
from ..directory.vault import SealBroken, VaultKeyUnusable
from .mail import MailPort, written
from .workers import opened

LOG = logging.getLogger("pool_as_code.server.mail")
IDLE_SECONDS = 5.0
RETRY_SECONDS = 30.0
_AWAY = (ConnectionError, TimeoutError, socket.gaierror)
"""What is about the mail server, and not about a message."""


class Delivery:
    """Delivers until it is closed. `wake` says that something may be waiting."""

    def __init__(self, open_directory: Callable[[], Directory], port: MailPort, base_url: str, tenant: str) -> None:
        self._open = open_directory
        self._port = port
        self._base_url = base_url
        self._tenant = tenant
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look into the outbox soon."""
        self._wake.set()

    def close(self) -> None:
        """End after the message that is being sent."""
        self._stop.set()
        self._wake.set()
        self._thread.join(IDLE_SECONDS)

    def _run(self) -> None:
        directory = self._opened()
        if directory is None:
            return
        try:
            while not self._stop.is_set():
                self._wake.wait(IDLE_SECONDS)
                self._wake.clear()
                try:
                    failed = deliver(directory, self._port, self._base_url, self._tenant, self._stop.is_set)
                except PoolAsCodeError as error:
                    LOG.error("the outbox can not be read: %s", type(error).__name__)
                    failed = 1
                if failed:
                    self._stop.wait(RETRY_SECONDS)
        finally:
            directory.close()

    def _opened(self) -> Directory | None:
        """The directory, once it can be reached; None when it is time to end."""
        while not self._stop.is_set():
            try:
                return opened(self._open)
            except PoolAsCodeError as error:
                LOG.error("the outbox can not be read: %s", type(error).__name__)
                self._stop.wait(RETRY_SECONDS)
        return None


def deliver(
    directory: Directory, port: MailPort, base_url: str, tenant: str, stopped: Callable[[], bool] = lambda: False
) -> int:
    """Send what waits; how many were not accepted and wait again."""
    failed = 0
    for message in messages.waiting(directory):
        if stopped():
            break
        if not port.reaches(message.address):
            continue
        try:
            mail = written(message, messages.contents_of(directory, message), base_url, tenant)
        except (SealBroken, VaultKeyUnusable) as error:
            LOG.error("message %s can not be opened: %s", message.id, type(error).__name__)
            continue
        if not messages.take(directory, message):
            continue
        try:
            port.send(mail)
        except OSError as error:
            failed += 1
            messages.put_back(directory, message)
            LOG.error("message %s (%s) was not accepted: %s", mail.id, mail.kind, type(error).__name__)
            if isinstance(error, _AWAY):
                break  # the others would wait for the same server, each as long
    return failed
