from __future__ import annotations

import numpy as np
import pytest
from testing.fake_server import Answer, FakeServer
from testing.platform import Platform

import assay

AUDIT = {"audit_id": "a", "n_judged": 0, "n_remaining": 2, "n_needed": 2, "n_left_out": 0, "answer": None}
ROWS = [
    {"position": 0, "sample_id": "x", "split": "training", "given_label": "ham", "metadata": {}, "text_preview": None},
    {"position": 1, "sample_id": "y", "split": "training", "given_label": "spam", "metadata": {}, "text_preview": None},
]


def faked(fake: FakeServer) -> assay.Audit:
    """An audit of two samples, in two pages."""
    fake.answer("/audits", Answer(201, AUDIT, {}))
    fake.answer(
        "/samples",
        Answer(200, {"rows": ROWS[:1], "next_cursor": "c"}, {}),
        Answer(200, {"rows": ROWS[1:], "next_cursor": None}, {}),
    )
    return assay.audit("r", n_samples=np.int64(2), seed=np.int32(5))


def test_an_audit_is_drawn_and_read_page_by_page(fake: FakeServer) -> None:
    audit = faked(fake)
    assert (audit.ids, len(audit)) == (["x", "y"], 2)
    assert fake.seen[0].json() == {"n_samples": 2, "seed": 5}
    assert [seen.query.get("cursor") for seen in fake.seen[1:]] == [None, "c"]


def test_labels_are_told_as_verdicts(fake: FakeServer) -> None:
    audit = faked(fake)
    audit.judge({"x": "spam", "y": "spam"})
    audit.judge({"y": None})
    sent = [verdict for seen in fake.seen[3:] for verdict in seen.json()["verdicts"]]
    told = [(v["sample_id"], v["split"], v["verdict"], v["label"]) for v in sent]
    assert told == [("x", "training", "relabel", "spam"), ("y", "training", "keep", None), ("y", "training", "drop", None)]
    assert len({v["verdict_id"] for v in sent}) == 3
    with pytest.raises(ValueError, match="must be of the audit: current value is 'z'"):
        audit.judge({"x": "ham", "z": "ham"})


def test_ids_may_be_numbers_and_an_id_of_two_splits_is_told_with_its_split(fake: FakeServer) -> None:
    rows = [{**ROWS[0], "sample_id": "7", "split": split} for split in ("training", "validation")]
    fake.answer("/audits", Answer(201, AUDIT, {}))
    fake.answer("/samples", Answer(200, {"rows": [*rows, {**ROWS[1], "sample_id": "8"}], "next_cursor": None}, {}))
    audit = assay.audit("r")
    with pytest.raises(ValueError, match=r"7 by its id as it is in several splits: give \(split, id\)"):
        audit.judge({7: "ham"})
    assert len(fake.seen) == 2
    audit.judge({("validation", 7): "spam", 8: "spam"})
    told = [(v["sample_id"], v["split"], v["verdict"]) for v in fake.seen[2].json()["verdicts"]]
    assert told == [("7", "validation", "relabel"), ("8", "training", "keep")]
    assert repr(audit) == "Audit('a', 3 samples)"


@pytest.mark.parametrize("label", [1, float("nan")])
def test_what_is_no_label_is_refused_before_anything_is_sent(fake: FakeServer, label: object) -> None:
    audit = faked(fake)
    with pytest.raises(ValueError, match="'y' as its label must be the name of a class, or None: current value is"):
        audit.judge({"x": "ham", "y": label})  # type: ignore[dict-item]
    assert len(fake.seen) == 3


def test_a_result_is_a_number_or_says_what_is_needed(fake: FakeServer) -> None:
    audit = faked(fake)
    fake.answer("/audits/a", Answer(200, AUDIT, {}))
    before = audit.result()
    assert (before.n_needed, before.n_errors) == (2, None)
    assert str(before) == "0 judged; 2 more are needed for a number"
    fake.answer("/audits/a", Answer(200, {**AUDIT, "n_left_out": 1, "n_remaining": 1}, {}))
    dropped = audit.result()
    assert dropped.n_left_out == 1
    assert str(dropped) == "0 judged; 2 more are needed for a number, but only 1 left: draw others with another seed"
    answer = {
        "n_labels": 4000,
        "n_errors": {"mean": 123.4, "low": 98.1, "high": 151},
        "rate": {"mean": 0.031, "low": 0.0245, "high": 0.03775},
        "n_confirmed": 1,
    }
    fake.answer("/audits/a", Answer(200, {**AUDIT, "n_judged": 2, "n_needed": 0, "n_remaining": 0, "answer": answer}, {}))
    after = audit.result()
    assert (after.n_errors_interval, after.rate, after.n_confirmed) == ((98.1, 151), 0.031, 1)
    assert str(after) == "123 of 4,000 labels are wrong (90 % interval 98 to 151, 2.5 to 3.8 %), 2 judged"


def test_an_audit_needs_a_run() -> None:
    assay._current._current = None
    with pytest.raises(RuntimeError, match="call assay.init"):
        assay.audit()


def test_an_audit_says_how_many_labels_are_wrong(server: Platform) -> None:
    random = np.random.default_rng(3)
    n = 400
    truth = random.integers(0, 3, n)
    given = np.where(random.random(n) < 0.15, (truth + 1) % 3, truth)
    names = ["a", "b", "c"]
    run = assay.init("to be audited", label_names=names)
    ids = [f"s{i}" for i in range(n)]
    run.log_dataset(ids, [names[y] for y in given])
    for epoch in range(3):
        run.log_outputs(ids, (1.5 * np.eye(3)[truth] + random.normal(0, 1, (n, 3))).astype(np.float32), epoch=epoch)
    run.finish(wait=True)
    audit = run.audit(80)
    assert len(set(audit.ids)) == 80
    assert assay.audit(run.id, 80).ids == audit.ids
    right = {f"s{i}": names[truth[i]] for i in range(n)}
    audit.judge({name: right[name] for name in audit.ids[:20]})
    assert (audit.result().n_needed, len(audit.remaining())) == (10, 60)
    audit.judge({name: right[name] for name in audit.ids[20:]})
    result = audit.result()
    n_wrong = int((given != truth).sum())
    assert result.n_errors_interval and result.n_errors_interval[0] <= n_wrong <= result.n_errors_interval[1]
    assert result.n_labels == n
    assert result.n_confirmed == sum(names[given[int(name[1:])]] != right[name] for name in audit.ids)
