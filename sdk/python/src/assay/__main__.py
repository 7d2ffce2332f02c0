"""The command `assay`."""

from __future__ import annotations


def main() -> int:
    """Run the command."""
    raise SystemExit("Cannot run as no command is known yet")


if __name__ == "__main__":
    raise SystemExit(main())
