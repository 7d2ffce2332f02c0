from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from testing.fake_models import FakeModels

import assay

#: Three pieces and a bit.
LARGE = bytes(range(250)) * 80_000
MODEL_ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModels]:
    server = FakeModels()
    monkeypatch.setenv("ASSAY_URL", server.url)
    monkeypatch.setenv("ASSAY_API_KEY", "key")
    yield server
    server.close()


def upload(content: bytes = LARGE, model_id: str | None = None) -> assay.Model:
    return assay.upload_model(content, input_kind="text", class_names=["ham", "spam"], model_id=model_id)


def begun(models: FakeModels, line: str) -> int:
    """How many requests began so."""
    return sum(seen.startswith(line) for seen in models.seen)


def test_a_large_model_goes_in_pieces_and_says_that_it_is_sent(models: FakeModels, capsys: pytest.CaptureFixture[str]) -> None:
    model = upload()
    assert models.stored == {model.model_id: LARGE}
    assert (begun(models, "POST upload"), begun(models, "PATCH"), begun(models, "PUT")) == (1, 4, 1)
    assert "sending the model" in capsys.readouterr().err


def test_after_a_cut_it_goes_on_where_it_was(models: FakeModels) -> None:
    models.faults += [("PATCH", None, {})]
    model = upload()
    assert models.stored == {model.model_id: LARGE}
    assert len(models.models) == 1
    assert (begun(models, "POST upload"), begun(models, "HEAD")) == (1, 1)
    assert begun(models, "PATCH") == 4, "the cut one, and three from where it was; anew they would be four"


def test_storage_that_is_busy_or_away_is_asked_again(models: FakeModels) -> None:
    models.faults += [
        ("POST upload", 503, {"Retry-After": "0"}),
        ("PATCH", 429, {"Retry-After": "0"}),
        ("HEAD", 502, {}),
        ("PATCH", 423, {}),
    ]
    model = upload()
    assert models.faults == []
    assert models.stored == {model.model_id: LARGE}


def test_what_was_lost_after_longer_than_is_waited_for_is_sent_again(models: FakeModels, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("_storage_upload", "_reader"):
        monkeypatch.setattr(f"assay.{module}._GIVE_UP_S", 0.0)  # it runs from the first failure
    for line in ("PUT models", "POST upload", "PATCH"):
        models.faults += [(line, 503, {"Retry-After": "0"})]
    model = upload()
    assert models.faults == []
    assert models.stored == {model.model_id: LARGE}


def test_an_upload_that_storage_does_not_know_is_begun_anew(models: FakeModels) -> None:
    models.faults += [("PATCH", 410, {})]
    model = upload()
    assert models.stored == {model.model_id: LARGE}
    assert begun(models, "POST upload") == 2


def test_an_answer_of_storage_that_says_nothing_is_as_good_as_none(models: FakeModels) -> None:
    models.faults += [("POST upload", 200, {}), ("PATCH", 200, {})]
    model = upload()
    assert models.faults == []
    assert models.stored == {model.model_id: LARGE}


def test_a_refusal_of_storage_is_not_tried_again(models: FakeModels) -> None:
    models.faults += [("PATCH", 413, {})]
    with pytest.raises(assay.AssayError, match="Cannot send the model's bytes to Storage: it answered 413") as caught:
        upload()
    assert caught.value.status == 413
    assert begun(models, "PATCH") == 1


def test_the_same_call_with_the_same_id_sends_nothing_again(models: FakeModels) -> None:
    upload(model_id=MODEL_ID)
    models.stored.clear()  # as where the server was never told that all is there
    models.seen.clear()
    assert upload(model_id=MODEL_ID).model_id == MODEL_ID
    assert models.stored == {MODEL_ID: LARGE}
    assert (begun(models, "PATCH"), begun(models, "POST upload"), len(models.models)) == (0, 0, 1)


def test_what_is_too_large_is_refused_before_it_is_read(models: FakeModels, tmp_path: Path) -> None:
    file = tmp_path / "huge.onnx"
    with file.open("wb") as out:
        out.truncate(300 * 1024 * 1024)  # holds nothing
    with pytest.raises(ValueError, match="at most 268435456 bytes: it has 314572800"):
        assay.upload_model(file, input_kind="text", class_names=["a"])
    assert models.models == {}
