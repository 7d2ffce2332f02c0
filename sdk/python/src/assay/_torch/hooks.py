"""Hooks that a model can carry anywhere: copies and pickles of it have ones that do nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

logger = logging.getLogger("assay")


def do_nothing(*args: Any, **kwargs: Any) -> None:
    """What a hook becomes in a copy of the model."""


def _do_nothing() -> Callable[..., None]:
    return do_nothing


class Hook:
    """Calls a function when one module runs, and not when a copy of it does. Never raises, and is left out of compiled graphs.

    Parameters
    ----------
    module : Module
        Which one.
    function : callable
        Takes what the hook takes.
    """

    _torchdynamo_disable = True

    def __init__(self, module: Any, function: Callable[..., None]) -> None:
        self._module = module
        self._function = function
        self._told: set[str] = set()

    def __call__(self, module: Any, *rest: Any) -> None:
        if module is not self._module:
            return
        try:
            self._function(module, *rest)
        except Exception as error:  # the training must not fail because of us
            if repr(error) not in self._told:
                self._told.add(repr(error))
                logger.exception("assay: a forward was not logged")

    def __deepcopy__(self, memo: Any) -> Callable[..., None]:
        return do_nothing

    def __reduce__(self) -> Any:
        return _do_nothing, ()
