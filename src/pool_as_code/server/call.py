"""One request and one answer as operations see them: plain values, a directory, and what the site shares. No HTTP library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..core.values import JsonMap, JsonValue, parse_json
from ..directory.directory import Directory
from .problems import Problem

if TYPE_CHECKING:
    from .site import Site

_TRUE, _FALSE = frozenset({"true", "1", "t", "yes"}), frozenset({"false", "0", "f", "no", ""})


class Caller(NamedTuple):
    """Who asks: a client of the authorization server `server` (system, admin or a workspace), or a user (`user_id`) who
    signed in there at `signed_in` (seconds of the epoch)."""

    client_id: str
    server: str
    scopes: frozenset[str] = frozenset()
    read_only: bool = False
    user_id: str = ""
    pool_id: str = ""
    signed_in: int = 0


NOBODY = Caller("", "")


@dataclass(slots=True)
class Call:
    """A request that was let in. `params` are the parts of the path; names of headers are in small letters. `certificate` is the
    SHA-256 of the one that the connection showed, empty without."""

    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes
    remote: str
    certificate: str
    base_url: str
    directory: Directory
    site: Site
    caller: Caller = NOBODY
    _body: JsonValue = field(default=None, init=False)

    def json(self) -> JsonValue:
        """The body, whatever it is. Raises Problem 400 when it is no JSON."""
        if self._body is None:
            try:
                self._body = parse_json(self.content)
            except ValueError:
                raise Problem(400, "the body is not JSON") from None
        return self._body

    def body(self, *required: str) -> JsonMap:
        """The body as a map without its `null` members, which clients send for what they leave unset.

        Raises Problem 400 when it is none, 422 when one of `required` is missing or not a text."""
        value = self.json()
        if not isinstance(value, dict):
            raise Problem(400, "the body is not a JSON object")
        body: JsonMap = {key: inner for key, inner in value.items() if inner is not None}
        for key in required:
            if not isinstance(body.get(key), str) or not body[key]:
                raise Problem(422, f"{key} is required")
        return body

    def optional_body(self) -> JsonMap:
        """`body`, where none at all is fine."""
        return self.body() if self.content.strip() else {}

    def switch(self, name: str, default: bool = False) -> bool:
        """A boolean parameter of the query. Raises Problem 400."""
        text = self.query.get(name)
        if text is None:
            return default
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        raise Problem(400, f"{name} is true or false")

    def choice(self, name: str, *words: str) -> str:
        """A parameter of the query that is one of some words; the first one when it is not there. Raises Problem 400."""
        text = self.query.get(name) or words[0]
        if text not in words:
            raise Problem(400, f"{name} is one of {', '.join(words)}")
        return text


def text_of(body: JsonMap, key: str) -> str:
    """A text of a body, empty when it is not there. Raises Problem 422 for another type."""
    value = body.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Problem(422, f"{key} is not a text")
    return value


def map_of(body: JsonMap, key: str) -> JsonMap | None:
    """A map of a body, None when it is not there. Raises Problem 422 for another type."""
    value = body.get(key)
    if value is not None and not isinstance(value, dict):
        raise Problem(422, f"{key} is not an object")
    return value


class Answer(NamedTuple):
    """What is sent back. `body` None sends none; `later` is done once it is out."""

    status: int
    body: JsonValue = None
    headers: Mapping[str, str] = {}
    later: Callable[[Directory], None] | None = None


NO_CONTENT = Answer(204)
