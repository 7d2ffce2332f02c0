"""The run that the package's own functions log to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._audit import Audit, drawn_audit
from ._errors import AssayError
from ._models import Model, uploaded
from ._project import own_project
from ._reader import Reader
from ._rescore import Rescoring, Thresholds, rescored
from ._server import Server, find_server, no_server
from .run import Run, start_run

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from typing import BinaryIO

    from ._report import FinishReport
    from .table import SampleTable

_current: Run | None = None


def init(
    name: str | None = None,
    *,
    project: str | None = None,
    dataset: str | None = None,
    label_names: Sequence[str] | None = None,
    n_classes: int | None = None,
    metadata_schema: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    writer: str = "0",
    writers: int = 1,
    generation: int | None = None,
    url: str | None = None,
    api_key: str | None = None,
    mode: str | None = None,
) -> Run:
    """Start a run and make it the current one.

    Never raises because of the network: while no server answers, what is logged waits in memory and on disk.

    Parameters
    ----------
    name : str, optional
        Name of the run; the same name again is a new attempt. Default the first 8 characters of its id.
    project, dataset : str, optional
        Default the key's project, and the project's name.
    label_names : sequence of str, optional
        Class names in the order of the logits. Default, when the first logits come: the names of the labels logged so far in alphabetical
        order, if labels were given by name, else ``"0"``, ``"1"``, ...
    n_classes : int, optional
        Number of classes, where they have no names.
    metadata_schema : mapping, optional
        JSON Schema of the metadata columns.
    run_id : str, optional
        A UUID; default `ASSAY_RUN_ID`, else a new one. The id of an earlier run goes on with it.
    writer : str, default="0"
        Which of the run's processes this is.
    writers : int, default=1
        How many there are; each gives the same arguments but for `writer`.
    generation : int, optional
        How often this writer was started again; default one more than this machine knows of. A higher one's rows replace those of a lower,
        epoch by epoch.
    url, api_key : str, optional
        The server; default `ASSAY_URL` and `ASSAY_API_KEY`, else one that runs on this machine.
    mode : str, optional
        ``online``, ``offline`` or ``off``; default `ASSAY_MODE`, else ``online``.

    Raises
    ------
    ValueError
        If an argument cannot be what it is.
    """
    global _current
    _current = start_run(
        name,
        project=project,
        dataset=dataset,
        label_names=label_names,
        n_classes=n_classes,
        metadata_schema=metadata_schema,
        run_id=run_id,
        writer=writer,
        writers=writers,
        generation=generation,
        url=url,
        api_key=api_key,
        mode=mode,
    )
    return _current


def current_run() -> Run | None:
    """The run that the package's own functions log to; None before `init`."""
    return _current


def log_dataset(
    ids: Any,
    labels: Any = None,
    *,
    split: str = "training",
    texts: Any = None,
    images: Any = None,
    features: Any = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """`Run.log_dataset` of the current run."""
    _needed().log_dataset(ids, labels, split=split, texts=texts, images=images, features=features, metadata=metadata)


def log_outputs(
    ids: Any,
    logits: Any = None,
    *,
    probs: Any = None,
    embeddings: Any = None,
    epoch: int,
    split: str = "training",
    prediction_kind: str | None = None,
) -> None:
    """`Run.log_outputs` of the current run."""
    _needed().log_outputs(ids, logits, probs=probs, embeddings=embeddings, epoch=epoch, split=split, prediction_kind=prediction_kind)


def finish(*, wait: bool = False, incomplete: bool = False, timeout_s: float | None = None) -> FinishReport:
    """`Run.finish` of the current run."""
    return _needed().finish(wait=wait, incomplete=incomplete, timeout_s=timeout_s)


def worst(n: int = 50, **conditions: Any) -> SampleTable:
    """`Run.worst` of the current run."""
    return _needed().worst(n, **conditions)


def audit(
    run_id: str | Run | None = None, n_samples: int = 100, *, seed: int = 0, url: str | None = None, api_key: str | None = None
) -> Audit:
    """Draw samples to judge, so that the number of wrong labels is known with a 90 % interval.

    Parameters
    ----------
    run_id : str or Run, optional
        A scored run; default the current one.
    n_samples : int, default=100
        How many, 10 to 2,000; 30 say something, 300 say it within half the width.
    seed : int, default=0
        Another one draws other samples; the same arguments give the same audit, until the run is scored again.
    url, api_key : str, optional
        The server, as for `init`.

    Raises
    ------
    AssayError
        If the server cannot say.
    """
    if run_id is None:
        return _needed().audit(n_samples, seed=seed)
    return drawn_audit(Reader(_found(url, api_key), run_id.id if isinstance(run_id, Run) else run_id), n_samples, seed)


def rescore(
    runs: str | Run | Sequence[str | Run] | None = None,
    *,
    thresholds: Thresholds | None = None,
    verdicts: bool = True,
    model_id: str | Model | None = "last",
    prediction_kind: str | None = None,
    filter: Mapping[str, Any] | None = None,
    url: str | None = None,
    api_key: str | None = None,
) -> Rescoring:
    """Score runs again: a new revision of each, in seconds, beside the old one.

    Parameters
    ----------
    runs : str, Run or sequence of them, optional
        Scored runs or their ids; default the current one.
    thresholds : mapping, optional
        By issue type and name, such as ``{"mislabeled": {"min_probability": 0.3}}``; ``{}`` are the defaults. Left out: those that each
        run was scored by last. ``GET /thresholds`` lists them.
    verdicts : bool, default=True
        Whether what people said counts.
    model_id : str, Model or None, default="last"
        A stored ONNX model to run over the samples again; `upload_model` stores one. Needs a key of scope ``admin``. ``"last"``: the
        outputs of the last time, a model's among them, and nothing is run. None: back to what was logged.
    prediction_kind : str, optional
        ``out_of_sample`` where that model had not trained on the samples, ``in_sample`` where it had on all; default it had on those of the
        training split.
    filter : mapping, optional
        In place of `runs`: scored runs of a project; any of ``project_id`` (default the key's), ``dataset_id``, ``name_contains`` and
        ``incomplete``.
    url, api_key : str, optional
        The server, as for `init`.

    Raises
    ------
    AssayError
        If the server refuses it, with the reason.

    Examples
    --------
    >>> job = assay.rescore(run_id, thresholds={"mislabeled": {"min_probability": 0.3}})  # doctest: +SKIP
    >>> print(job.difference())  # doctest: +SKIP
    12 newly flagged, 3 no longer flagged, 15 with another suggestion, of 4,000 samples
    """
    if runs is None and filter is None:
        return _needed().rescore(thresholds=thresholds, verdicts=verdicts, model_id=model_id, prediction_kind=prediction_kind)
    server = _found(url, api_key)
    if filter is not None and "project_id" not in filter:
        filter = {"project_id": own_project(server), **filter}
    if isinstance(runs, str | Run):
        runs = [runs]
    run_ids = None if runs is None else [run.id if isinstance(run, Run) else run for run in runs]
    return rescored(server, run_ids, filter, thresholds, verdicts, model_id, prediction_kind)


def upload_model(
    model: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    *,
    input_kind: str,
    class_names: Iterable[Any],
    name: str | None = None,
    preprocessing: Mapping[str, Any] | None = None,
    input_name: str | None = None,
    outputs: Mapping[str, str | None] | None = None,
    project_id: str | None = None,
    model_id: str | None = None,
    url: str | None = None,
    api_key: str | None = None,
) -> Model:
    """Store an ONNX model, so that `rescore` can run it over the samples of a run again, on the worker's device.

    Needs a key of scope ``admin``. What does not fit is found when it is run: the job says what. After a broken connection it goes on by
    itself, where it was.

    Parameters
    ----------
    model : str, path, bytes or binary file
        The ONNX file: one input, all tensors in the file, at most 256 MiB.
    input_kind : str
        ``features`` float (n, d), ``image`` float (n, 3, height, width) or (n, height, width, 3), or ``text`` string (n) or (n, 1).
    class_names : sequence
        Its classes in the order of its outputs, such as ``model.classes_``; those of the run, in any order.
    name : str, optional
        Default the file's name.
    preprocessing : mapping, optional
        Of images: ``width``, ``height``, and where they differ from the defaults ``layout`` (``nchw``), ``value_range`` (1), ``mean``
        (0, 0, 0), ``std`` (1, 1, 1) and ``fit`` (``fill``).
    input_name : str, optional
        Checked, where it is given.
    outputs : mapping, optional
        Names of ``logits`` or ``probs`` (n, n_classes) and of ``embedding`` (n, width); default found by name and shape.
    project_id : str, optional
        Default the key's.
    model_id : str, optional
        Id of the model, a UUID; default a new one. With the same id the same call, made again later, makes no second model.
    url, api_key : str, optional
        The server, as for `init`.

    Raises
    ------
    ValueError
        If it is empty, or too large.
    AssayError
        If the server refuses it, with the reason, or cannot be reached for a minute.

    Examples
    --------
    >>> model = assay.upload_model("forest.onnx", input_kind="features", class_names=forest.classes_)  # doctest: +SKIP
    >>> assay.rescore(run_id, model_id=model).wait()  # doctest: +SKIP
    """
    return uploaded(
        _found(url, api_key),
        model,
        name=name,
        input_kind=input_kind,
        class_names=class_names,
        preprocessing=preprocessing,
        input_name=input_name,
        outputs=outputs,
        project_id=project_id,
        model_id=model_id,
    )


def _found(url: str | None, api_key: str | None) -> Server:
    server = find_server(url, api_key)
    if server is None:
        raise AssayError("no_server", 0, no_server(url))
    return server


def _needed() -> Run:
    if _current is None:
        raise RuntimeError("Cannot use the current run as there is none: call assay.init() first")
    return _current
