"""`assay auto`: a table from the command line."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def add_parser(commands: Any) -> None:
    """Add the subcommand `auto`.

    Parameters
    ----------
    commands : argparse subparsers
        Of `ArgumentParser.add_subparsers`. The parser sets ``run``: called with the arguments, it returns the exit code.
    """
    parser = commands.add_parser("auto", help="find the labels of a table that look wrong; no model is needed")
    parser.add_argument("table", help="CSV, TSV, JSON, Parquet, Arrow or Excel file, or a folder of images with a folder for each class")
    parser.add_argument("--label", metavar="COLUMN", help="given labels; a folder of images needs none")
    parser.add_argument("--text", metavar="COLUMN", action="append", help="texts; more than once: joined")
    parser.add_argument("--image", metavar="COLUMN", help="paths of images")
    parser.add_argument("--features", metavar="COLUMN", nargs="+", help="numbers and categories")
    parser.add_argument("--id", metavar="COLUMN", help="ids; default row numbers")
    parser.add_argument("--split", metavar="COLUMN", help="splits, or the split of all rows")
    parser.add_argument("--metadata", metavar="COLUMN", nargs="*", help="what is shown beside a sample; default all other columns")
    for name in ("name", "project", "dataset", "encoding", "delimiter"):
        parser.add_argument(f"--{name}")
    parser.add_argument("-n", type=int, default=20, help="how many of the worst to print (20)")
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the ranking")
    parser.set_defaults(run=_run)


def _run(asked: argparse.Namespace) -> int:
    from ..auto import auto

    names = ("label", "text", "image", "features", "id", "split", "metadata", "name", "project", "dataset", "encoding", "delimiter")
    try:
        result = auto(asked.table, wait=not asked.no_wait, **{name: getattr(asked, name) for name in names})
    except (ValueError, OSError, ImportError) as error:
        print(f"assay: {error}", file=sys.stderr)
        return 2
    print(result.text(asked.n))
    return 0 if result.report.state != "spooled" else 1
