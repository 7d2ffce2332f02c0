"""What was logged leaves as one file that pyarrow reads, and goes when it is deleted."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import time
import urllib.error
import urllib.request
from typing import Any

import numpy as np
import pyarrow as pa
from testing.platform import Platform

import assay

CLASSES = ("ham", "spam")
LONG = "ä" * 3000  # longer than the preview: it lies in Storage
N = 60


def ask(server: Platform, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
    """The answer's bytes; raises on any error."""
    headers = {"Authorization": f"Bearer {server.api_key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}/functions/v1/api/v1/{path}", data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return bytes(answer.read())


def ended(server: Platform, job_id: str) -> str:
    """How a job ended."""
    while True:
        job = json.loads(ask(server, "GET", f"jobs/{job_id}"))
        if job["finished_at"]:
            return str(job["state"])
        time.sleep(0.1)


def export_of(server: Platform) -> tarfile.TarFile:
    """The export of the key's project, uploads included."""
    (project,) = json.loads(ask(server, "GET", "me"))["projects"]
    request = {"job_kind": "export_project", "project_id": project["project_id"], "include_parts": True}
    job_id = json.loads(ask(server, "POST", "jobs", request))["job_id"]
    assert ended(server, job_id) == "succeeded"
    return tarfile.open(fileobj=io.BytesIO(ask(server, "GET", f"jobs/{job_id}/export")), mode="r:gz")


def lines(archive: tarfile.TarFile, name: str) -> list[dict[str, Any]]:
    """Rows of an NDJSON file."""
    file = archive.extractfile(name)
    assert file
    return [json.loads(line) for line in file]


def table(archive: tarfile.TarFile, name: str) -> pa.Table:
    """Rows of an Arrow file."""
    file = archive.extractfile(name)
    assert file
    return pa.ipc.open_file(file.read()).read_all()


def log(name: str, dataset: str) -> assay.Run:
    """A training on texts of which every tenth label is wrong, finished and scored."""
    run = assay.init(name, dataset=dataset, label_names=CLASSES)
    ids = [f"mail/{i}" for i in range(N)]
    given = [(i + (i % 10 == 3)) % 2 for i in range(N)]
    run.log_dataset(ids, [CLASSES[y] for y in given], texts=[f"{LONG if i % 2 else 'short'} {i}" for i in range(N)])
    for epoch in range(2):
        truth = np.arange(N) % 2
        logits = (4 * np.eye(2)[truth]).astype(np.float32)
        run.log_outputs(ids, logits, embeddings=logits, epoch=epoch)
    run.finish(wait=True)
    return run


def test_an_export_holds_what_was_logged_and_found(server: Platform) -> None:
    run = log("exported", "exported mails")
    with export_of(server) as archive:
        names = archive.getnames()
        assert names[0] == "README.md" and names[-1] == "manifest.json"
        (manifest_file,) = [archive.extractfile("manifest.json")]
        assert manifest_file
        for entry in json.load(manifest_file)["files"]:
            file = archive.extractfile(entry["name"])
            assert file
            assert hashlib.sha256(file.read()).hexdigest() == entry["sha256"], entry["name"]

        row = next(row for row in lines(archive, "runs.ndjson") if row["run_id"] == run.id)
        samples = {
            sample["sample_key"]: sample
            for name in names
            if name.startswith("samples/")
            for sample in lines(archive, name)
            if sample["dataset_id"] == row["dataset_id"]
        }
        assert {sample["sample_id"]: sample["text"] for sample in samples.values()} == {
            f"mail/{i}": f"{LONG if i % 2 else 'short'} {i}" for i in range(N)
        }
        labels = table(archive, f"labels/{row['dataset_version_id']}.arrow").to_pylist()
        given = {samples[label["sample_key"]]["sample_id"]: label["given_label"] for label in labels}
        assert given == {f"mail/{i}": (i + (i % 10 == 3)) % 2 for i in range(N)}

        results = table(archive, f"results/{run.id}/samples.arrow")
        assert results.schema.field("sample_key").type == pa.int64()
        assert results.schema.field("mislabeled_score").type == pa.float32()
        worst = run.worst(N)
        by_rank = sorted(results.to_pylist(), key=lambda result: result["rank"])
        assert [samples[result["sample_key"]]["sample_id"] for result in by_rank] == [item["sample_id"] for item in worst]
        assert by_rank[0]["issue_types"][0] == "mislabeled"
        file = archive.extractfile(f"results/{run.id}/columns.arrow")
        assert file
        columns = pa.ipc.open_stream(file.read()).read_all()
        assert columns.num_rows == N

        parts = [part for part in lines(archive, "parts.ndjson") if part["run_id"] == run.id]
        assert {part["part_kind"] for part in parts} == {"samples", "outputs"}
        for part in parts:
            file = archive.extractfile(f"parts/{run.id}/{part['part_id']}")
            assert file
            assert hashlib.sha256(file.read()).hexdigest() == part["sha256"]


def test_what_is_deleted_is_gone_from_the_server_and_its_disk(server: Platform) -> None:
    kept, gone = log("kept", "shared mails"), log("gone", "shared mails")
    answer = json.loads(ask(server, "DELETE", f"runs/{gone.id}"))
    try:
        ask(server, "GET", f"runs/{gone.id}")
        raise AssertionError("It is still there")
    except urllib.error.HTTPError as error:
        assert error.code == 404
    assert ended(server, answer["job_id"]) == "succeeded"
    objects = server.sql("select name, version from storage.objects")
    assert not [row for row in objects if gone.id in row["name"]]
    assert [row for row in objects if kept.id in row["name"]]
    assert len(kept.worst(N)) == N

    dataset_id = json.loads(ask(server, "GET", f"runs/{kept.id}"))["dataset_id"]
    answer = json.loads(ask(server, "DELETE", f"datasets/{dataset_id}"))
    assert ended(server, answer["job_id"]) == "succeeded"
    assert server.sql(f"select 1 from assay.samples where dataset_id = '{dataset_id}'") == []
    assert not [row for row in server.sql("select name from storage.objects") if kept.id in row["name"]]
    versions = {row["version"] for row in server.sql("select version from storage.objects")}
    dropped = {row["version"] for row in objects} - versions
    assert dropped
    files = {path.name for path in (server.home / "storage").rglob("*") if path.is_file()}
    assert not files & dropped
