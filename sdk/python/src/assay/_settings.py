"""What the environment says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MODES = ("online", "offline", "off")


@dataclass(frozen=True)
class Settings:
    """Choices of one process.

    Parameters
    ----------
    mode : str
        ``online``, ``offline`` (everything to the spool) or ``off`` (nothing at all).
    strict : bool
        Whether rows that cannot be logged raise.
    buffer_bytes : int
        Most bytes of rows and parts in memory.
    spool : Path
        Folder of what was not sent yet.
    finish_timeout_s : float
        How long `finish` waits for a server that does not answer.
    writers_timeout_s : float
        How long `finish` waits for the run's other processes.
    """

    mode: str
    strict: bool
    buffer_bytes: int
    spool: Path
    finish_timeout_s: float
    writers_timeout_s: float


def read_settings(mode: str | None = None) -> Settings:
    """Settings of now.

    Parameters
    ----------
    mode : str, optional
        Wins over `ASSAY_MODE`.

    Raises
    ------
    ValueError
        If a variable has a value it cannot have.
    """
    chosen = mode or os.environ.get("ASSAY_MODE") or "online"
    if chosen not in MODES:
        raise ValueError(f'Cannot start as mode (or ASSAY_MODE) must be one of {", ".join(MODES)}: current value is "{chosen}"')
    return Settings(
        mode=chosen,
        strict=os.environ.get("ASSAY_STRICT", "") not in ("", "0"),
        buffer_bytes=int(_number("ASSAY_BUFFER_MB", 256) * 2**20),
        spool=Path(os.path.abspath(os.path.expanduser(os.environ.get("ASSAY_SPOOL") or state_folder() / "spool"))),
        finish_timeout_s=_number("ASSAY_FINISH_TIMEOUT_S", 60),
        writers_timeout_s=_number("ASSAY_WRITERS_TIMEOUT_S", 60),
    )


def state_folder() -> Path:
    """Folder of this user's state: `$XDG_STATE_HOME/assay`, else `~/.local/state/assay`."""
    home = os.environ.get("XDG_STATE_HOME")
    if home:
        return Path(home) / "assay"
    try:
        return Path.home() / ".local" / "state" / "assay"
    except RuntimeError:  # a user without a home, as in some containers: a place that takes nothing
        return Path(os.devnull) / "assay"


def _number(name: str, default: float) -> float:
    text = os.environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError(f'Cannot start as {name} must be a number of at least 0: current value is "{text}"')
    return value
