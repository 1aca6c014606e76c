"""The client side of the Language Server Protocol, as much of it as an editor needs to complete, hover and see mistakes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

SETTINGS = {
    "completion": True,
    "hover": True,
    "validate": True,
    "schemaStore": {"enable": False},
    "disableDefaultProperties": False,
}


class Editor:
    """An editor with one server. Use it as a context manager; answers come in the order of the questions."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
        )
        self.last = 0
        self.published: dict[str, list[Any]] = {}
        uri = folder.as_uri()
        snippets = {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}}
        able = {"textDocument": {"completion": snippets, "hover": {"contentFormat": ["markdown"]}}}
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": "project"}],
                "capabilities": {**able, "workspace": {"configuration": True}},
            },
        )
        self.tell("initialized", {})

    def __enter__(self) -> Editor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def open(self, file: Path) -> list[str]:
        """Open a file; the messages it gets, as `line: text` with lines counted from 1."""
        uri = file.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": file.read_text("utf-8")}
        self.published.pop(uri, None)
        self.tell("textDocument/didOpen", {"textDocument": document})
        while uri not in self.published:
            self._meet(self._receive())
        return [f"{item['range']['start']['line'] + 1}: {item['message']}" for item in self.published[uri]]

    def complete(self, file: Path, line: int, character: int) -> dict[str, Any]:
        """What is offered at a place, by label; line and character count from 0."""
        answer = self.ask("textDocument/completion", self._place(file, line, character))
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return {item["label"]: item for item in items}

    def hover(self, file: Path, line: int, character: int) -> str:
        """What is told about a place."""
        answer = self.ask("textDocument/hover", self._place(file, line, character))
        return str(answer["contents"]["value"]) if answer else ""

    def ask(self, method: str, params: Any) -> Any:
        """A request and its answer."""
        self.last += 1
        asked = self.last
        self._send({"id": asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == asked and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._meet(message)

    def tell(self, method: str, params: Any) -> None:
        """A notification."""
        self._send({"method": method, "params": params})

    def _meet(self, message: dict[str, Any]) -> None:
        """What the server says or asks of its own accord."""
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            wanted = [item.get("section") for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": [SETTINGS if name == "yaml" else {} for name in wanted]})
        elif "id" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stream = self.process.stdout
        assert stream is not None
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(stream.read(length))
        return message

    @staticmethod
    def _place(file: Path, line: int, character: int) -> dict[str, Any]:
        return {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": character}}
