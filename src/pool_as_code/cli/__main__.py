"""`pac`, `pool-as-code` and `python -m pool_as_code.cli` begin here."""

from __future__ import annotations

from .root import root


def main() -> None:
    """Run the command of `sys.argv` and leave with its exit code."""
    root.main(prog_name="pac")


if __name__ == "__main__":
    main()
