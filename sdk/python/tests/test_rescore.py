from __future__ import annotations

import json
import urllib.request

import numpy as np
import pytest
from testing.fake_server import Answer, FakeServer, refusal
from testing.platform import Platform

import assay

JOBS = {"job_id": "j1", "jobs": [{"job_id": "j1", "run_id": "r1"}, {"job_id": "j2", "run_id": "r2"}]}
COUNTS = {
    "n_compared": 4000,
    "newly_flagged": 12,
    "no_longer_flagged": 3,
    "issue_types": 15,
    "suggestion": 15,
    "probability": 0,
    "rank": 3900,
    "by_issue_type": {},
}


def done(fake: FakeServer, *job_ids: str) -> None:
    """These jobs have ended well."""
    for job_id in job_ids:
        job = {"state": "succeeded", "stage": "score", "fraction": 1, "error": None}
        fake.answer(f"/jobs/{job_id}", Answer(200, job, {}))


def test_a_list_of_runs_is_asked_for_once_with_a_key(fake: FakeServer) -> None:
    fake.answer("/jobs", refusal(503, "upstream_unavailable", retry_after="0"), Answer(202, JOBS, {}))
    job = assay.rescore(["r1", "r2"], thresholds={"mislabeled": {"min_probability": 0.3}}, verdicts=False)
    assert (job.run_ids, job.jobs) == (["r1", "r2"], {"r1": "j1", "r2": "j2"})
    first, again = fake.seen
    assert first.json() == {
        "job_kind": "rescore_run",
        "run_ids": ["r1", "r2"],
        "settings": {"mislabeled": {"min_probability": 0.3}},
        "apply_verdicts": False,
    }
    keys = {seen.headers[name] for seen in (first, again) for name in seen.headers if name.lower() == "idempotency-key"}
    assert len(keys) == 1, "a retry is the same request"


def test_runs_and_numbers_are_taken_as_they_come(fake: FakeServer) -> None:
    run = assay.init(label_names=["a", "b"], run_id="11111111-2222-4333-8444-555555555555")
    run.log_outputs(["x"], np.zeros((1, 2), np.float32), epoch=0)
    run.finish()
    fake.seen.clear()
    fake.answer("/jobs", Answer(202, JOBS, {}), Answer(202, JOBS, {}))
    assay.rescore(run, thresholds={"mislabeled": {"min_probability": np.float32(0.5)}})
    assay.rescore([run, "r2"])
    one, two = (seen.json() for seen in fake.seen)
    assert (one["run_ids"], one["settings"]) == ([run.id], {"mislabeled": {"min_probability": 0.5}})
    assert two["run_ids"] == [run.id, "r2"]


def test_a_filter_is_of_the_project_of_the_key(fake: FakeServer) -> None:
    fake.answer("/me", Answer(200, {"projects": [{"project_id": "p"}]}, {}))
    fake.answer("/jobs", Answer(202, JOBS, {}))
    assay.rescore(filter={"name_contains": "mails"})
    assert fake.seen[1].json()["filter"] == {"project_id": "p", "name_contains": "mails"}
    with pytest.raises(ValueError, match="either runs or a filter"):
        assay.rescore("r1", filter={"project_id": "p"})


def test_a_difference_is_read_page_by_page(fake: FakeServer) -> None:
    fake.answer("/jobs", Answer(202, JOBS, {}))
    job = assay.rescore(["r1", "r2"])
    done(fake, "j1", "j2")
    revisions = [{"revision_id": "b", "job_id": "j1"}, {"revision_id": "a", "job_id": "j0"}]
    fake.answer("/revisions", Answer(200, {"rows": revisions, "next_cursor": None}, {}))
    page = {"from_revision_id": "a", "to_revision_id": "b", "counts": COUNTS, "next_cursor": "c"}
    fake.answer(
        "/revisions/b/difference",
        Answer(200, {**page, "rows": [{"sample_id": "x", "rank_after": 1}]}, {}),
        Answer(200, {**page, "counts": None, "rows": [{"sample_id": "y", "rank_after": 2}]}, {}),
    )
    difference = job.difference(n=2, change="suggestion")
    assert str(difference) == "12 newly flagged, 3 no longer flagged, 15 with another suggestion, of 4,000 samples"
    assert difference.samples["sample_id"] == ["x", "y"]
    queries = [seen.query for seen in fake.seen if seen.path.endswith("/difference")]
    assert [(q["change"], q["limit"], q.get("cursor")) for q in queries] == [("suggestion", "2", None), ("suggestion", "1", "c")]


def test_a_difference_shows_what_changed_and_is_of_one_of_the_runs(fake: FakeServer) -> None:
    fake.answer("/jobs", Answer(202, JOBS, {}))
    job = assay.rescore(["r1", "r2"])
    with pytest.raises(ValueError, match="Cannot compare run 'r3' as it must be one of those that are scored again: r1, r2"):
        job.difference("r3")
    assert len(fake.seen) == 1
    row = {"sample_id": "x", "rank_before": 9, "rank_after": 1, "issue_types_before": [], "issue_types_after": ["mislabeled"]}
    row |= {"suggested_label_before": None, "suggested_label_after": "spam"}
    shown = repr(assay.SampleTable([row])).splitlines()
    assert shown[0].split() == [
        "rank_before",
        "rank_after",
        "sample_id",
        "suggested_label_after",
        "issue_types_before",
        "issue_types_after",
    ]
    assert shown[1].split() == ["9", "1", "x", "spam", "mislabeled"]


def test_a_job_that_failed_says_why(fake: FakeServer) -> None:
    fake.answer("/jobs", Answer(202, JOBS, {}))
    job = assay.rescore(["r1", "r2"])
    failed = {"state": "failed", "stage": "prepare", "fraction": 0, "error": "Cannot rescore it"}
    fake.answer("/jobs/j1", Answer(200, failed, {}))
    with pytest.raises(assay.AssayError, match="Cannot rescore it"):
        job.wait()
    job.cancel()
    assert [seen.path.rpartition("/")[2] for seen in fake.seen if seen.method == "DELETE"] == ["j1", "j2"]


def test_rescoring_needs_a_run() -> None:
    assay._current._current = None
    with pytest.raises(RuntimeError, match="call assay.init"):
        assay.rescore()


def test_a_run_is_scored_again_by_other_thresholds_and_back(server: Platform) -> None:
    random = np.random.default_rng(5)
    n = 200
    truth = random.integers(0, 2, n)
    given = np.where(np.arange(n) < 12, 1 - truth, truth)
    names = ["ham", "spam"]
    run = assay.init("to be rescored", label_names=names)
    ids = [f"s{i}" for i in range(n)]
    run.log_dataset(ids, [names[y] for y in given])
    for epoch in range(3):
        run.log_outputs(ids, (2.5 * np.eye(2)[truth] + random.normal(0, 1, (n, 2))).astype(np.float32), epoch=epoch)
    run.finish(wait=True)
    before = run.worst(n, issue_type="mislabeled")
    assert len(before) > 0

    strict = assay.rescore(thresholds={"mislabeled": {"min_probability": 1}}).difference(change="no_longer_flagged")
    assert strict.counts["by_issue_type"]["mislabeled"] == {"added": 0, "removed": len(before)}
    assert {row["suggested_label_after"] for row in strict.samples} <= {None}
    assert len(run.worst(n, issue_type="mislabeled")) == 0
    assert run.worst(n, issue_type="mislabeled", revision=strict.from_revision_id)["sample_id"] == before["sample_id"]

    back = run.rescore(thresholds={}).difference()
    assert back.counts["newly_flagged"] == strict.counts["no_longer_flagged"]
    assert run.worst(n, issue_type="mislabeled")["sample_id"] == before["sample_id"]

    with pytest.raises(assay.AssayError, match='there is no threshold "probability", only min_probability'):
        run.rescore(thresholds={"mislabeled": {"probability": 1}})
    _two = assay.rescore(filter={"name_contains": "to be rescored"}).wait()
    assert run.id in _two.run_ids
    request = urllib.request.Request(f"{server.url}/functions/v1/api/v1/runs/{run.id}/revisions")
    request.add_header("Authorization", f"Bearer {server.api_key}")
    with urllib.request.urlopen(request) as answer:
        assert [row["number"] for row in json.load(answer)["rows"]] == [4, 3, 2, 1]
