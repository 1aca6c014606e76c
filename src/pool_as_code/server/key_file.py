"""The signing keys in a file beside the directory that only its owner reads. A key that is old is replaced: the new one signs, the
old one's tokens stay good until they have expired, and then it goes.

    old --age--> new, old (public half, until ...) --last token of it has expired--> new

Several servers may share the file: each looks every second whether it has changed, and whoever comes first replaces the key.
"""

from __future__ import annotations

import logging
import os
import shlex
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .signing import Keys, Retired, SigningKeyUnusable, new_key, parse_keys, written

LOG = logging.getLogger("pool_as_code.server")
LOOK_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 60.0
_LONGEST = 64 * 1024
_STALE_SECONDS = 60.0


class KeyFile:
    """The keys of a file, made when there is none. `age`: seconds after which the signing key is replaced, 0 for never;
    `lifetime` of the tokens. Raises SigningKeyUnusable when it begins; later it goes on with what it knew, and says so in the log."""

    def __init__(
        self, path: Path, *, age: float = 0, lifetime: float = 3600, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._age = age
        self._overlap = lifetime + 60  # others go on signing with it until they look
        self._clock = clock
        self._lock = threading.Lock()
        self._mark: tuple[int, ...] = ()
        self._keys = self._read()
        self._look_again = 0.0
        self()

    def __call__(self) -> Keys:
        """The keys as they are now."""
        moment = self._clock()
        if moment >= self._look_again and self._lock.acquire(blocking=False):
            self._look_again = moment + LOOK_SECONDS
            try:
                self._look(moment)
            except (OSError, SigningKeyUnusable) as error:
                LOG.error("the signing keys stay as they were: %s", type(error).__name__)
                self._look_again = moment + AFTER_FAILURE_SECONDS
            finally:
                self._lock.release()
        return self._keys

    def _look(self, moment: float) -> None:
        if _mark(self._path.stat()) != self._mark:
            self._keys = self._read()
        keys = self._keys
        if self._age and keys.made + self._age <= moment:
            before = Retired(keys.signing, moment + self._overlap)
            still = (one for one in keys.retired if one.counts(moment))
            self._replace(Keys(new_key(), (before, *still), moment))
        elif not all(one.counts(moment) for one in keys.retired):
            self._replace(keys._replace(retired=tuple(one for one in keys.retired if one.counts(moment))))

    def _read(self) -> Keys:
        """Raises SigningKeyUnusable."""
        for _ in range(2):
            try:
                return self._opened()
            except FileNotFoundError:
                _make(self._path, written(Keys(new_key(), made=self._clock())))
            except OSError as error:
                raise SigningKeyUnusable(f"the signing key {self._path} can not be read: {error.strerror}") from error
        raise SigningKeyUnusable(f"the signing key {self._path} vanishes")

    def _opened(self) -> Keys:
        with self._path.open("rb") as file:
            found = os.fstat(file.fileno())
            pem = file.read(_LONGEST)
        if os.name == "posix" and found.st_mode & 0o077:
            raise SigningKeyUnusable(
                f"the signing key {self._path} is open to others (mode {found.st_mode & 0o777:04o})",
                hint=f"chmod 600 {shlex.quote(str(self._path))}",
            )
        keys = parse_keys(pem, f"the file {self._path}")
        self._mark = _mark(found)
        return keys if keys.made else keys._replace(made=found.st_mtime)

    def _replace(self, keys: Keys) -> None:
        """Put these in the place of what was read. Of several who want to, one does; the others read it later."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            _write(fresh, written(keys))
        except FileExistsError:
            if time.time() - fresh.stat().st_mtime > _STALE_SECONDS:  # of somebody who was killed
                fresh.unlink()
            return
        try:
            if _mark(self._path.stat()) != self._mark:
                return
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)
        self._mark = _mark(self._path.stat())
        self._keys = keys


def _make(path: Path, pem: bytes) -> None:
    """Write new keys under another name first, so that nobody ever reads half of them; the first of two writers wins."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(fresh, pem)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    except OSError as error:
        raise SigningKeyUnusable(f"the signing key {path} can not be written: {error.strerror}") from error


def _write(path: Path, pem: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, pem)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mark(found: os.stat_result) -> tuple[int, ...]:
    return found.st_ino, found.st_mtime_ns, found.st_size
