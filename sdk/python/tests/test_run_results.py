from __future__ import annotations

import pytest
from testing.fake_server import Answer, FakeServer, refusal
from testing.runs import log

import assay


def test_worst_reads_pages_until_it_has_enough(fake: FakeServer) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish()
    pages = [
        Answer(200, {"rows": [{"rank": i, "metadata": {}} for i in range(n)], "next_cursor": cursor}, {})
        for n, cursor in ((500, "c1"), (100, None))
    ]
    fake.answer("/samples", *pages)
    assert len(assay.worst(600, issue_type="mislabeled")) == 600
    queries = [seen.query for seen in fake.seen if seen.path.endswith("/samples")]
    assert queries == [{"issue_type": "mislabeled", "limit": "500"}, {"issue_type": "mislabeled", "limit": "100", "cursor": "c1"}]


def test_results_that_are_not_there_yet_say_what_to_do(fake: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    run = assay.init(label_names=["a", "b"])
    log(run)
    fake.answer("/samples", *[refusal(409, "not_scored")] * 2)
    with pytest.raises(assay.AssayError, match=r"Cannot do it: not_scored; finish it first, with finish\(wait=True\)"):
        run.worst()
    fake.answer("/parts", refusal(400, "validation_failed"))
    run.finish()
    with pytest.raises(assay.AssayError, match=f"not_scored; send it first, with: assay sync {run.id}"):
        run.worst()


def test_off_has_results_without_rows(fake: FakeServer) -> None:
    run = assay.init(mode="off")
    assert (len(run.worst()), run.summary(), fake.seen) == (0, {}, [])


def test_a_job_that_fails_is_said_with_its_own_sentence(fake: FakeServer, capsys: pytest.CaptureFixture[str]) -> None:
    fake.answer(
        "job-1",
        *[Answer(200, {"state": "failed", "stage": "fold", "fraction": 0.5, "error": "Cannot score run: no usable sample"}, {})] * 2,
    )
    run = assay.init(label_names=["a", "b"])
    log(run)
    run.finish(wait=True)
    assert "no usable sample" in capsys.readouterr().err
    with pytest.raises(assay.AssayError, match="no usable sample"):
        run.worst()
