"""Asks an advisory database whether the versions in constraints.txt have known vulnerabilities. `make audit` runs it in an
environment of its own; it needs a network.

    0  every package was judged, and nothing is known about any of them
    1  something is known: the packages, the advisories, the versions that mend it
    2  not every package was judged: nobody was reached, or the database does not know some of them

What was not judged is never called safe: the program below says 0 for packages that it could not look up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

LIST = Path(__file__).parent.parent / "constraints.txt"
WAIVED: dict[str, str] = {}
"""Advisory -> why it does not concern us, and until when that is believed."""


class Verdict(NamedTuple):
    """An exit code, and what is said."""

    code: int
    lines: list[str]


def wanted(text: str) -> set[str]:
    """The names in a list of versions."""
    lines = (line.partition("#")[0].partition(";")[0].strip() for line in text.splitlines())
    return {_plain(line.partition("==")[0]) for line in lines if line}


def verdict(names: set[str], report: str, waived: Sequence[str] = ()) -> Verdict:
    """What a report in the form of `pip-audit -f json` says about these packages."""
    try:
        found = json.loads(report)["dependencies"]
        judged = {_plain(one["name"]): one for one in found if "skip_reason" not in one}
        known = [
            f"{one['name']} {one['version']}: {vulnerability['id']}, mended in {', '.join(vulnerability['fix_versions']) or '-'}"
            for one in judged.values()
            for vulnerability in one["vulns"]
            if not {vulnerability["id"], *vulnerability.get("aliases", ())} & set(waived)
        ]
    except (ValueError, KeyError, TypeError):
        return Verdict(2, ["nobody could be asked: there is no report"])
    missing = sorted(names - set(judged))
    if missing:
        known.append(f"{len(missing)} of {len(names)} packages were not judged: {', '.join(missing[:5])}...")
        return Verdict(1 if len(known) > 1 else 2, known)
    return Verdict(1, known) if known else Verdict(0, [f"nothing is known about any of {len(names)} packages"])


def main() -> int:
    """Ask, and say what was found."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    asked = subprocess.run([*command, "-f", "json", "-r", str(LIST)], capture_output=True, text=True, check=False)
    code, lines = verdict(wanted(LIST.read_text("utf-8")), asked.stdout, list(WAIVED))
    if not asked.stdout and asked.stderr:
        lines.append(asked.stderr.strip().splitlines()[-1][:300])
    print("\n".join([*lines, *(f"waived {id}: {why}" for id, why in WAIVED.items())]))
    return code


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    sys.exit(main())
