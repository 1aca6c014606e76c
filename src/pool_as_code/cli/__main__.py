"""`pac`, `pool-as-code` and `python -m pool_as_code.cli` begin here."""

from __future__ import annotations

import os

from .root import root


def main() -> None:
    """Run the command of `sys.argv` and leave with its exit code."""
    # pydantic would look through every installed package for plugins, 30 ms, and hand them the values that it validates
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    root.main(prog_name="pac")


if __name__ == "__main__":
    main()
