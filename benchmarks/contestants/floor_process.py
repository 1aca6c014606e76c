"""The floor, a program of its own: the manifests through the C parser of libyaml with every event thrown away, and the rows that
planning reads fetched from the database. No tool that reads YAML by that parser can be faster. Arguments: database, manifests."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import yaml
from yaml.cyaml import CLoader

_ROWS = (
    "SELECT id, pool_id, document, revision FROM users",
    "SELECT project, environment, path, protect, adopted, claimed, settled, fields FROM ownership WHERE kind = 'user'",
)


def main(database: str, manifests: str) -> None:
    """Read both sides and keep the rows, as a planner would."""
    events = 0
    for file in sorted(Path(manifests).glob("*.yaml")):
        with file.open("rb") as stream:
            for _ in yaml.parse(stream, Loader=CLoader):
                events += 1
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    kept = [connection.execute(sql).fetchall() for sql in _ROWS]
    connection.close()
    print(f"{events} events, {len(kept[0])} users, {len(kept[1])} owners")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
