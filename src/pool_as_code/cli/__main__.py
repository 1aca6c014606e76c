"""`pac`, `pool-as-code` and `python -m pool_as_code.cli` begin here."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command of `sys.argv` and leave with its exit code."""
    # pydantic would look through every installed package for plugins, 30 ms, and hand them the values that it validates
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from .root import root
    except KeyboardInterrupt:  # while the modules are read; from then on `root` tells it
        sys.stderr.write("\nerror: interrupted\n")
        sys.exit(130)
    root.main(prog_name="pac")


if __name__ == "__main__":
    main()
