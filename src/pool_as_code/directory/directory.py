"""A directory as the rooms see it: its database, its clock, its keys, and what passwords cost in it."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..core.clock import format_time, now
from ..core.errors import PoolAsCodeError, Unavailable
from .database import Database
from .sqlite import SqliteDatabase

if TYPE_CHECKING:
    from .hashing import HashParameters
    from .vault import Vault


class Keys(NamedTuple):
    """What seals two-factor secrets, and what one-time codes are digested with. Both follow from one key of 32 bytes."""

    vault: Vault
    codes: bytes


class Directory:
    """One embedded directory, in the file `path` (None: in memory) or in the database that is handed in. `hash_parameters`
    and `clock` are for tests to replace.

    The key stands in a file beside the database (`NAME.key`) or in the environment; in memory it is made anew.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        db: Database | None = None,
        read_only: bool = False,
        environ: Mapping[str, str] = os.environ,
        hash_parameters: HashParameters | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.db: Database = db if db is not None else SqliteDatabase(path, read_only=read_only)
        self.environ = environ
        self.clock = clock
        self._hash_parameters = hash_parameters
        self._keys: Keys | None = None

    @property
    def hash_parameters(self) -> HashParameters:
        """What new password hashes cost."""
        if self._hash_parameters is None:
            from .hashing import DEFAULT_PARAMETERS

            self._hash_parameters = DEFAULT_PARAMETERS
        return self._hash_parameters

    def moment(self) -> str:
        """The present moment as it is stored."""
        return format_time(self.clock())

    @contextmanager
    def change(self) -> Iterator[str]:
        """A change of objects: all of it or nothing. Gives the moment it happens at."""
        with self.db.change():
            yield self.moment()

    def keys(self, *, make: bool = False) -> Keys:
        """The keys; with `make` they are made when there are none yet and nothing was sealed before. Raises Unavailable."""
        if self._keys is None:
            from .vault import Vault

            try:
                key = self._kept_key(make=make) if self.db.lasting else secrets.token_bytes(32)
                vault = Vault(key)
                if make and self.db.lasting:
                    from .sealed import check_key

                    check_key(self.db, vault)
            except PoolAsCodeError as error:
                raise Unavailable(error.message, hint=error.hint) from error
            except OSError as error:
                raise Unavailable(f"the directory's folder can not be made: {error.strerror}") from error
            self._keys = Keys(vault, hmac.digest(key, b"one-time codes", "sha256"))
        return self._keys

    def _kept_key(self, *, make: bool) -> bytes:
        from .vault import VaultKeyUnusable, key_of_environment, load_key, load_or_create_key, missing_key

        path = self.db.key_file
        if path is None:  # the database is not of this machine alone: only who runs it can bring its key along
            key = key_of_environment(self.environ)
            if key is None:
                raise missing_key()
            return key
        key = load_key(path, self.environ)
        if key is None and make:
            from .sealed import one_sealed

            if one_sealed(self.db) is None:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                key = load_or_create_key(path, self.environ)
        if key is None:
            raise VaultKeyUnusable(
                "the key of the directory is missing, so that its sealed secrets can not be opened",
                hint=f"put back {path.name} beside the database, or set POOL_AS_CODE_DIRECTORY_KEY",
            )
        return key

    def close(self) -> None:
        """Let go of the database. Harmless twice."""
        self.db.close()
