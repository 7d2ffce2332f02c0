"""Which project a caller means who names none."""

from __future__ import annotations

from ._errors import AssayError
from ._reader import Reader
from ._server import Server


def own_project(server: Server) -> str:
    """Project of an API key.

    Raises
    ------
    AssayError
        ``no_project`` if the caller has none, or several.
    """
    projects = Reader(server, "").ask("GET", "me")["projects"]
    if len(projects) != 1:
        raise AssayError("no_project", 0, f"Cannot tell the project as one of {len(projects)} must be meant: name project_id")
    return str(projects[0]["project_id"])
