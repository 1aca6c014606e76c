"""The store `dump:FILE_OR_DIR`: an identity dump, a hub tree or the vendor tool's folder, as they come, read-only.

    file or folder -reading, folder-> rows -contents-> rows by table -observing-> live objects -store-> the contract

Nothing here writes, and nothing here knows manifests: `pull` and `load` do.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path

from ...core.diagnostics import Severity
from ...core.errors import InvalidInput
from .contents import Contents, take_file
from .folder import take_folder
from .observing import observe
from .reading import Unreadable, read_bytes, read_part
from .store import DumpStore

SCHEME = "dump:"
_NAMESPACE = uuid.UUID("0d0b7a26-0bfa-5a42-9e3b-3a0a3b1b6f5e")  # fixed: fingerprints of dumps follow from it


def open_dump(url: str, *, read_only: bool, root: Path, environ: Mapping[str, str]) -> DumpStore:
    """The store of a URL `dump:FILE_OR_DIR`; the path starts at `root`. Raises InvalidInput with everything that is wrong.

    A dump is read-only whatever is asked; the environment says nothing to it.
    """
    shown = url.removeprefix(SCHEME)
    contents = Contents()
    read: list[bytes] = []
    try:
        if not shown:
            raise InvalidInput("dump: names no file or folder", hint="write dump:FILE_OR_DIR")
        path = root / Path(shown).expanduser()
        if path.is_dir():
            read = take_folder(contents, path, shown.rstrip("/") or shown)
        else:
            read = [read_bytes(path, shown)]
            part, contents.diagnostics = read_part(read[0], shown)
            take_file(contents, part)
    except Unreadable as error:
        raise InvalidInput(f"the dump {shown} can not be read", error.diagnostics) from error
    live = observe(contents)
    if any(item.severity is Severity.ERROR for item in live.diagnostics):
        raise InvalidInput(f"the dump {shown} can not be used as it is", live.diagnostics)
    return DumpStore(url, live, _fingerprint(read))


def _fingerprint(read: list[bytes]) -> str:
    digest = blake2b(digest_size=32)
    for content in read:
        digest.update(len(content).to_bytes(8, "big") + content)
    return str(uuid.uuid5(_NAMESPACE, digest.hexdigest()))


__all__ = ["DumpStore", "open_dump"]
