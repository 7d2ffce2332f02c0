"""Log a training, and read which of its samples hurt the model.

`init`, then `log_dataset` once, `log_outputs` with every batch, `finish`; `worst` reads the ranking. `watch` does the logging of a PyTorch
loop by itself; `auto` takes a table and needs no model.
"""

from __future__ import annotations

from typing import Any

from ._errors import AssayError
from ._version import __version__
from .run import FinishReport, Run, current_run, finish, init, log_dataset, log_outputs, worst
from .table import SampleTable

__all__ = [
    "AssayError",
    "FinishReport",
    "Run",
    "SampleTable",
    "__version__",
    "auto",
    "current_run",
    "finish",
    "init",
    "log_dataset",
    "log_outputs",
    "watch",
    "worst",
]


def __getattr__(name: str) -> Any:
    """`watch` and `auto` are loaded when they are asked for: they may need more than numpy."""
    if name == "watch":
        from .watch import watch

        return watch
    if name == "auto":
        from .auto import auto

        return auto
    raise AttributeError(f'module "assay" has no attribute "{name}"')
