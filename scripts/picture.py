"""Draws docs/images/plan.svg, the picture in README.md: the real program plans a change of examples/quickstart in a temporary folder,
and what it prints on a terminal with colours becomes an SVG file. The picture loads nothing, no font either, follows the light or dark
of whoever looks at it, and is the same on every machine: the lines with the digest, which has a random part, are left out.

    python scripts/picture.py      (`make golden` does it as well, and a test compares)
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "plan.svg"
COMMAND = "pac plan"
EDITS = (
    ("customers.yaml", "minLength: 12", "minLength: 14"),
    ("customers.yaml", "methods: [password, email_otp, webauthn]", "methods: [password, webauthn]"),
    ("customers.yaml", "rememberDeviceFor: 30d", "rememberDeviceFor: 90d"),
    ("groups.yaml", "name: staff", "previousNames: [staff], name: team"),
    ("groups.yaml", "parent: staff", "parent: team"),
    ("groups.yaml", "May see orders", "May see orders and invoices"),
    (
        "workspace.yaml",
        "description: The shop and its customers\n",
        "description: The shop and its customers\n"
        + """---
apiVersion: pool-as-code/v1
kind: Group
metadata: {name: accounting, pool: customers, parent: team}
spec: {displayName: Accounting, description: May see invoices}
""",
    ),
)
COLUMNS, ADVANCE, LEADING, MARGIN, BAR = 80, 7.8, 19, 18, 30  # columns of the terminal, and pixels
CLASSES = {"1": "strong", "2": "quiet", "31": "remove", "32": "add", "33": "change", "1;31": "risk"}
STYLE = """
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #24292f; white-space: pre }
.window { fill: #ffffff; stroke: #d0d7de } .dot { fill: #d0d7de }
.strong { font-weight: bold } .quiet { fill: #57606a } .add { fill: #116329 } .change { fill: #7d4e00 } .remove { fill: #a40e26 }
.risk { fill: #a40e26; font-weight: bold }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .window { fill: #0d1117; stroke: #30363d } .dot { fill: #30363d }
  .quiet { fill: #8b949e } .add { fill: #56d364 } .change { fill: #e3b341 } .remove { fill: #ff7b72 } .risk { fill: #ff7b72 }
}
"""  # every colour has a contrast of more than 4.5 to 1 to its window
_STYLED = re.compile(r"\x1b\[([0-9;]*)m")


def terminal_text() -> str:
    """What a terminal of 80 columns gets from the command, up to the digest. Raises CalledProcessError where the program fails."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "shop"
        shutil.copytree(ROOT / "examples" / "quickstart", project, ignore=shutil.ignore_patterns(".pool-as-code"))
        environ = {"HOME": folder, "PATH": os.defpath, "LANG": "C.UTF-8", "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"}
        environ |= {"ADA_PASSWORD": "correct-Horse-7-battery", "PYTHONPATH": str(ROOT / "src")}

        def run(*arguments: str) -> str:
            command = [sys.executable, "-m", "pool_as_code.cli", *arguments]
            done = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=True)
            return done.stdout

        run("apply", "--yes")
        for name, old, new in EDITS:
            manifest = project / "manifests" / name
            text = manifest.read_text("utf-8")
            if old not in text:
                raise ValueError(f"scripts/picture.py changes {old!r} in {name}, which is not there any more")
            manifest.write_text(text.replace(old, new), "utf-8")
        return run(*COMMAND.split()[1:]).partition("Digest ")[0].rstrip()


def pieces(line: str) -> Iterator[tuple[int, str, str]]:
    """The parts of a line: the column where it begins, its class, its text."""
    column, style = 0, ""
    for position, part in enumerate(_STYLED.split(line)):
        if position % 2:
            style = CLASSES.get(part, "")
        else:
            text = part.strip(" ")
            if text:
                yield column + len(part) - len(part.lstrip(" ")), style, text
            column += len(part)


def picture() -> str:
    """The SVG file."""
    lines = [f"\x1b[1m$ {COMMAND}\x1b[0m", *terminal_text().splitlines()]
    width = round(COLUMNS * ADVANCE) + 2 * MARGIN
    height = BAR + len(lines) * LEADING + MARGIN
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
        'xml:space="preserve" role="img">',
        f"<title>{COMMAND}: a plan that says first what it weakens</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="window" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        *(f'<circle class="dot" cx="{MARGIN + 18 * dot}" cy="16" r="5"/>' for dot in range(3)),
    ]
    for row, line in enumerate(lines):
        y = BAR + (row + 1) * LEADING - 4
        for column, style, text in pieces(line):
            of_class = f' class="{style}"' if style else ""
            x, long = f"{MARGIN + column * ADVANCE:.1f}", f"{len(text) * ADVANCE:.1f}"
            drawn.append(f'<text{of_class} x="{x}" y="{y}" textLength="{long}">{html.escape(text, quote=False)}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
    print(PICTURE.relative_to(ROOT))
