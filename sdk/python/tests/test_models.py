from __future__ import annotations

import hashlib
import io
import subprocess
import uuid
from pathlib import Path

import numpy as np
import pytest
from testing.fake_server import Answer, FakeServer
from testing.platform import ROOT, Platform

import assay

STORED = {"model_id": "m1", "name": "forest", "class_names": ["ham", "spam"], "size_bytes": 3, "sha256": "ab"}
#: Logits are the first feature and its negative; the features are the embedding.
LINEAR = """
import { encodeGraph } from "./gpu-worker/graphs/onnx.ts";
Deno.stdout.writeSync(encodeGraph({
  name: "linear",
  inputs: { x: ["n", 3] },
  outputs: { logits: ["n", 2], embedding: ["n", 3] },
  initializers: { w: { data: Float32Array.of(1, -1, 0, 0, 0, 0), shape: [3, 2] } },
  nodes: [["MatMul", ["x", "w"], "logits"], ["Identity", ["x"], "embedding"]],
}));
"""


def linear() -> bytes:
    """An ONNX file."""
    command = ["deno", "run", "-A", "--quiet", "--ext=ts", "-"]
    return subprocess.run(command, cwd=ROOT, input=LINEAR.encode(), capture_output=True, check=True).stdout


def test_a_model_is_described_then_sent(fake: FakeServer, tmp_path: Path) -> None:
    fake.answer("/me", Answer(200, {"projects": [{"project_id": "p"}]}, {}))
    fake.answer("/bytes", Answer(200, STORED, {}))
    file = tmp_path / "forest.onnx"
    file.write_bytes(b"abc")
    model = assay.upload_model(file, input_kind="features", class_names=np.array(["ham", "spam"]), outputs={"probs": "probabilities"})
    assert model == assay.Model("m1", "forest", ("ham", "spam"), 3, "ab")
    _, described, sent = fake.seen
    assert described.json() == {
        "project_id": "p",
        "name": "forest",
        "input_kind": "features",
        "input_name": None,
        "preprocessing": None,
        "class_names": ["ham", "spam"],
        "outputs": {"logits": None, "probs": "probabilities", "embedding": None},
    }
    assert sent.headers["content-type"] == "application/octet-stream"
    assert (sent.method, sent.path, sent.body) == ("PUT", f"{described.path}/bytes", b"abc")


def test_what_has_the_bytes_is_a_model(fake: FakeServer, tmp_path: Path) -> None:
    file = tmp_path / "tree.onnx"
    file.write_bytes(b"abc")
    with file.open("rb") as opened:
        for model in (bytearray(b"abc"), memoryview(b"abc"), io.BytesIO(b"abc"), opened):
            fake.answer("/bytes", Answer(200, STORED, {}))
            assay.upload_model(model, input_kind="features", class_names=["a"], project_id="p")
    described, sent = fake.seen[::2], fake.seen[1::2]
    assert [seen.json()["name"] for seen in described] == ["model", "model", "model", "tree"]
    assert {seen.body for seen in sent} == {b"abc"}


def test_preprocessing_may_be_of_arrays(fake: FakeServer) -> None:
    fake.answer("/bytes", Answer(200, STORED, {}))
    preprocessing = {"width": np.int64(2), "height": 2, "mean": np.array([0.5, 0.25, 0.5])}
    assay.upload_model(b"abc", input_kind="image", class_names=["a"], preprocessing=preprocessing, project_id="p")
    assert fake.seen[0].json()["preprocessing"] == {"width": 2, "height": 2, "mean": [0.5, 0.25, 0.5]}


def test_a_run_is_scored_again_by_a_stored_model(fake: FakeServer) -> None:
    answer = Answer(202, {"job_id": "j1", "jobs": [{"job_id": "j1", "run_id": "r1"}]}, {})
    fake.answer("/jobs", answer, answer, answer)
    model = assay.Model("m1", "forest", ("ham", "spam"), 3, "ab")
    assay.rescore("r1", model_id=model, prediction_kind="out_of_sample")
    assay.rescore("r1", model_id="m1")
    assay.rescore("r1", model_id=None)
    first, second, logged = (seen.json() for seen in fake.seen)
    assert (first["model_id"], first["prediction_kind"]) == ("m1", "out_of_sample")
    assert second["model_id"] == "m1"
    assert logged["model_id"] is None, "back to what was logged"
    assert "prediction_kind" not in second


def test_nothing_is_no_model(fake: FakeServer) -> None:
    with pytest.raises(ValueError, match="it must have bytes"):
        assay.upload_model(b"", input_kind="features", class_names=["a"])
    with pytest.raises(ValueError, match="class_names must be a list of names: current value is 'ham'"):
        assay.upload_model(b"abc", input_kind="features", class_names="ham")
    assert fake.seen == []


def test_a_stored_model_says_what_a_training_would_have(server: Platform) -> None:
    random = np.random.default_rng(3)
    n = 120
    truth = random.integers(0, 2, n)
    given = np.where(np.arange(n) < 8, 1 - truth, truth)
    features = random.normal(0, 1, (n, 3)).astype(np.float32)
    features[:, 0] = (4 * (1 - 2 * truth) + random.normal(0, 0.5, n)).astype(np.float32)
    names = ["ham", "spam"]
    ids = [f"s{i}" for i in range(n)]

    def logged(outputs: bool) -> assay.Run:
        run = assay.init("by a model", label_names=names)
        run.log_dataset(ids, [names[y] for y in given], features=features)
        if outputs:
            logits = np.stack([features[:, 0], -features[:, 0]], axis=1)
            run.log_outputs(ids, logits, embeddings=features, epoch=0)
        run.finish(wait=True)
        return run

    def ranking(run: assay.Run) -> list[tuple[object, ...]]:
        return [(row["sample_id"], row["issue_type"], row["mislabeled_score"], row["suggested_label"]) for row in run.worst(n)]

    plain, known = logged(False), logged(True)
    assert ranking(plain) != ranking(known)
    model = assay.upload_model(linear(), name="linear", input_kind="features", class_names=names)
    assay.rescore(plain.id, model_id=model).wait()
    assert ranking(plain) == ranking(known)

    large = linear() + b"\x32\x80\xda\xed\x04" + bytes(10_185_984)  # a doc string, so that it goes in pieces
    model_id = str(uuid.uuid4())
    again = [assay.upload_model(large, name="large", input_kind="features", class_names=names, model_id=model_id) for _ in range(2)]
    assert again[0] == again[1]
    assert (again[0].model_id, again[0].sha256) == (model_id, hashlib.sha256(large).hexdigest())
    assay.rescore(plain.id, model_id=again[0]).wait()
    assert ranking(plain) == ranking(known)

    garbage = assay.upload_model(b"no model", name="garbage", input_kind="features", class_names=names)
    with pytest.raises(assay.AssayError, match="its file must be an ONNX model"):
        assay.rescore(plain.id, model_id=garbage).wait()
    assert ranking(plain) == ranking(known)
