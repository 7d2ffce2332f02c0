"""A table and its labels, without any model: which labels look wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._current import init
from ._tables.result import AutoResult
from .progress import Progress, tell

if TYPE_CHECKING:
    from ._tables.scan import Scan
    from .run import Run

__all__ = ["AutoResult", "auto"]


def auto(
    frame_or_path: Any,
    *,
    label: str | None = None,
    text: str | Sequence[str] | None = None,
    image: str | None = None,
    features: Sequence[str] | str | bool | None = None,
    id: str | None = None,
    split: str | None = None,
    metadata: Sequence[str] | str | bool | None = None,
    name: str | None = None,
    project: str | None = None,
    dataset: str | None = None,
    wait: bool = True,
    encoding: str | None = None,
    delimiter: str | None = None,
    **options: Any,
) -> AutoResult:
    """Log a table and find the labels in it that look wrong. No model is needed: the server looks at texts, images or numbers itself.

    Parameters
    ----------
    frame_or_path : DataFrame, pyarrow.Table, dict of columns, list of dicts, or path
        pandas, polars, Arrow or what gives an Arrow stream; or a file: CSV, TSV, JSON, JSON lines, Parquet, Arrow, Excel (needs the extra
        ``excel``), also with gzip; or a folder of Parquet files; or a folder of images with a folder for each class.
    label : str
        Column of given labels: texts, whole numbers or truth values; empty where unlabelled. A folder of images needs none.
    text : str or sequence of str, optional
        Column of texts; several are joined.
    image : str, optional
        Column of images: bytes of JPEG, PNG, WebP or GIF files, or paths, which start at the table's folder.
    features : sequence of str or bool, optional
        Columns of numbers, truth values, instants, categories or lists of numbers; True: all that can be used. With neither `text` nor
        `image` nor this, a column that holds images or texts is looked at, else all that can be used; `notes` says which.
    id : str, optional
        Column of ids, each once in a split; default row numbers from 0.
    split : str, optional
        Column of splits, or the split of all rows: training, validation, test. Default training.
    metadata : sequence of str or bool, optional
        Columns that are shown beside a sample. Default all but label, id, split, text and image; False: none.
    name, project, dataset : str, optional
        Of the run; default names: the table's file.
    wait : bool, default=True
        Whether to wait for the ranking, with a progress bar.
    encoding, delimiter : str, optional
        Of a CSV file; default: found out.
    **options
        More of `init`: ``url``, ``api_key``, ``mode``, ``run_id``.

    Returns
    -------
    result : AutoResult
        `worst`, `summary`, `url`, `notes`.

    Raises
    ------
    ValueError
        If a column is not there, or labels, ids or features cannot be used. Nothing has been logged then.
    FileNotFoundError, TypeError
        If there is no such file, or it is no table.

    Examples
    --------
    >>> result = assay.auto("mails.csv", text="text", label="label")  # doctest: +SKIP
    >>> result.worst(50)  # doctest: +SKIP
    """
    from ._tables.open_source import open_source
    from ._tables.roles import choose_roles
    from ._tables.scan import Scan

    started = time.monotonic()
    source = open_source(frame_or_path, encoding=encoding, delimiter=delimiter)
    roles = choose_roles(source, text=text, image=image, features=features, label=label, id=id, split=split, metadata=metadata)
    scan = Scan(source, roles, _folder_of(frame_or_path))
    _say(scan.notes)
    run = init(
        name or (source.name if _is_path(frame_or_path) else "table"),
        project=project,
        dataset=dataset,
        label_names=scan.label_names,
        **options,
    )
    known = len(scan.notes)
    try:
        n_logged = _log(run, scan)
    except BaseException:
        run.finish(incomplete=True)
        raise
    _say(scan.notes[known:])
    report = run.finish(wait=wait)
    return AutoResult(run, report, source.name, n_logged, scan.label_names, scan.notes, time.monotonic() - started, is_waited=wait)


def _log(run: Run, scan: Scan) -> int:
    """Log all samples; returns how many."""
    n_logged = 0
    progress = Progress()
    try:
        for samples in scan.samples():
            run.log_dataset(samples.ids, split=samples.split, **samples.columns)
            n_logged += len(samples.ids)
            progress.update("reading the table", n_logged / scan.n_rows)
    finally:
        progress.close()
    return n_logged


def _say(notes: Sequence[str]) -> None:
    tell(*(f"assay: {note}" for note in notes))


def _is_path(given: Any) -> bool:
    return isinstance(given, (str, os.PathLike))


def _folder_of(given: Any) -> Path | None:
    if not _is_path(given):
        return None
    path = Path(given).expanduser()
    return path if path.is_dir() else path.parent
