"""The token of a settled object: proof that nothing is left to do, without looking at a single field.

    token = H( H(version, salt, desired metadata and spec, ids its references mean), live object as stored )

The executor stores the token with the ownership record after a change that left nothing to report. While neither side has
changed since, planning compares two hashes; anything else goes to the differ, which alone decides. A store whose rows are
edited by hand changes the live half, so no edit is missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import orjson

from ..core.values import JsonMap

ENGINE_VERSION = b"1:"  # raise it whenever the differ would judge the same two objects otherwise


def desired_digest(metadata: JsonMap, spec: JsonMap, ids: Sequence[str], salt: bytes) -> bytes:
    """32 hex characters. `ids` are the live ids of the references in order; `salt` is what else the differ looks at."""
    text = orjson.dumps((metadata, spec, ids), option=orjson.OPT_SORT_KEYS)
    return blake2b(ENGINE_VERSION + salt + b"\0" + text, digest_size=16).hexdigest().encode()


def settled_token(desired: bytes, live: bytes) -> str:
    """32 hex characters for a desired digest and the live object's raw bytes."""
    return blake2b(desired + live, digest_size=16).hexdigest()
