"""The one error of the package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class AssayError(Exception):
    """An answer of the server that is no success, or no answer at all.

    Parameters
    ----------
    code : str
        Machine-readable, such as ``run_closed``.
    status : int
        HTTP status; 0 when the server did not answer.
    message : str
        A sentence.
    details : mapping
        Facts, such as the missing parts.
    """

    def __init__(self, code: str, status: int, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.details = dict(details or {})
        self.retry_after_s: float | None = None
