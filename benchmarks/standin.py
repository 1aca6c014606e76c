"""The least that a tenant can be: an ASGI application that keeps what it is sent and gives it back, so that the client is what is
measured. No rules, no rights, no database. Lists of pools, organizations and schemas are there; users are never listed."""

from __future__ import annotations

import json
from typing import Any

_TOKEN = json.dumps({"access_token": "stand-in", "expires_in": 3600, "scope": "identity manage_configuration"}).encode()
_LISTS = {"pools": "pools", "schemas": "schemas", "organizations": "organizations"}
_Kept = dict[str, tuple[bytes, int]]


def standin_app() -> Any:
    """A tenant that is empty."""
    kept: _Kept = {}
    members: dict[str, dict[str, bytes]] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        content = b""
        while True:
            message = await receive()
            content += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, body, etag = _answer(kept, members, scope["method"], scope["path"], content)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if etag:
            headers.append((b"etag", etag))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _answer(
    kept: _Kept, members: dict[str, dict[str, bytes]], method: str, path: str, content: bytes
) -> tuple[int, bytes, bytes]:
    """Status, body and ETag."""
    above, _, last = path.rpartition("/")
    if last == "openid-configuration" or last == "token":
        return 200, _TOKEN, b""
    if method == "POST":
        id = str(json.loads(content)["id"])
        if f"{path}/{id}" in kept:
            return 409, b"{}", b""
        kept[f"{path}/{id}"] = content, 1
        return 201, content, b'"1"'
    if method == "PUT" and "/groups/" in path:
        group, _, user = path.partition("/users/")
        members.setdefault(group.replace("/groups/", "/users/").rpartition("/")[0] + "/" + user, {})[
            group.rpartition("/")[2]
        ] = kept.get(group, (b"{}", 0))[0]
        return 204, b"", b""
    if method == "PUT":
        version = kept.get(path, (b"", 0))[1] + 1
        kept[path] = content, version
        return 200, content, f'"{version}"'.encode()
    if method == "GET" and path in kept:
        body, version = kept[path]
        return 200, body, f'"{version}"'.encode()
    if last == "groups":
        inside = members.get(above, {}) if "/users/" in path else {}
        found = list(inside.values()) if "/users/" in path else _below(kept, path)
        return 200, b"[" + b",".join(found) + b"]", b""
    if last in _LISTS:
        inner = b",".join(_below(kept, path))
        return 200, b'{"' + last.encode() + b'":[' + inner + b"]}", b""
    return 404, b'{"error":"not found"}', b""


def _below(kept: _Kept, path: str) -> list[bytes]:
    return [body for key, (body, _) in kept.items() if key.rpartition("/")[0] == path]


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
