"""Log a training, and read which of its samples hurt the model.

`init`, then `log_dataset` once, `log_outputs` with every batch, `finish`; `worst` reads the ranking. `watch` does the logging of a PyTorch
loop by itself; `auto` takes a table and needs no model.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ._audit import Audit, AuditResult
from ._current import audit, current_run, finish, init, log_dataset, log_outputs, rescore, upload_model, worst
from ._errors import AssayError
from ._models import Model
from ._report import FinishReport
from ._rescore import Difference, Rescoring
from ._version import __version__
from .run import Run
from .table import SampleTable

if TYPE_CHECKING:
    from .auto import auto
    from .watch import watch

__all__ = [
    "AssayError",
    "Audit",
    "AuditResult",
    "Difference",
    "FinishReport",
    "Model",
    "Rescoring",
    "Run",
    "SampleTable",
    "__version__",
    "audit",
    "auto",
    "current_run",
    "finish",
    "init",
    "log_dataset",
    "log_outputs",
    "rescore",
    "upload_model",
    "watch",
    "worst",
]


_LAZY = ("watch", "auto")


class _Package(ModuleType):
    """`watch` and `auto`, functions in modules of their names, are loaded when they are asked for: they may need more than numpy."""

    def __getattr__(self, name: str) -> Any:
        if name in _LAZY:
            return getattr(import_module(f"{__name__}.{name}"), name)
        raise AttributeError(f'module "assay" has no attribute "{name}"')

    def __setattr__(self, name: str, value: Any) -> None:
        is_module = name in _LAZY and isinstance(value, ModuleType)
        super().__setattr__(name, getattr(value, name) if is_module else value)


sys.modules[__name__].__class__ = _Package
