// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import {
  parseAnnouncedPart,
  parseFinishRequest,
  parsePartEnvelope,
} from "./part.ts";

const headers = (more: Record<string, string> = {}) =>
  new Headers({
    "idempotency-key": "k",
    "content-type": "application/json; charset=utf-8",
    ...more,
  });

Deno.test("parsePartEnvelope() fills in what is left out", () => {
  assert.deepEqual(
    parsePartEnvelope(
      { kind: "outputs", split: "training", seq: "0" },
      headers(),
    ),
    {
      part_kind: "outputs",
      split: "training",
      inference_name: "",
      epoch: 0,
      writer: "0",
      generation: 0,
      seq: 0,
      prediction_kind: "in_sample",
      idempotency_key: "k",
      content_type: "application/json",
      content_encoding: "identity",
    },
  );
  const test = { kind: "outputs", split: "test", seq: "0" };
  assert.equal(
    parsePartEnvelope(test, headers()).prediction_kind,
    "out_of_sample",
  );
  const samples = { kind: "samples", split: "test", seq: "0" };
  assert.equal(parsePartEnvelope(samples, headers()).prediction_kind, null);
});

Deno.test("parsePartEnvelope() asks for an inference name with split inference, and only there", () => {
  const base = { kind: "outputs", seq: "0" };
  assert.throws(
    () => parsePartEnvelope({ ...base, split: "inference" }, headers()),
    /inference_name/,
  );
  assert.throws(
    () =>
      parsePartEnvelope(
        { ...base, split: "test", inference_name: "june" },
        headers(),
      ),
    /inference_name/,
  );
  const window = parsePartEnvelope({
    ...base,
    split: "inference",
    inference_name: "june",
  }, headers());
  assert.equal(window.inference_name, "june");
});

Deno.test("parsePartEnvelope() refuses numbers that a row could not hold", () => {
  for (const seq of ["", "-1", "1.5", "1e3", "2147483648", " 1", "0x1"]) {
    assert.throws(
      () =>
        parsePartEnvelope({ kind: "samples", split: "test", seq }, headers()),
      { code: "validation_failed", message: /seq/ },
      seq,
    );
  }
});

Deno.test("parsePartEnvelope() answers unsupported_media_type to other types and encodings", () => {
  const query = { kind: "samples", split: "test", seq: "0" };
  for (
    const more of [{ "content-type": "text/csv" }, {
      "content-encoding": "gzip, br",
    }]
  ) {
    assert.throws(() => parsePartEnvelope(query, headers(more)), {
      code: "unsupported_media_type",
    });
  }
  assert.equal(
    parsePartEnvelope(query, headers({ "content-encoding": "GZIP" }))
      .content_encoding,
    "gzip",
  );
});

Deno.test("parseFinishRequest() takes nothing at all for defaults", () => {
  assert.deepEqual(parseFinishRequest({}), {
    writer: "0",
    generation: 0,
    manifest: null,
    incomplete: false,
  });
});

Deno.test("parseFinishRequest() refuses a place named twice and a manifest beyond all measure", () => {
  const entry = { part_kind: "samples", split: "test", parts: 1, rows: 1 };
  assert.throws(
    () => parseFinishRequest({ manifest: [entry, entry] }),
    /one entry/,
  );
  assert.throws(
    () => parseFinishRequest({ manifest: [{ ...entry, parts: 1_000_001 }] }),
    /1000000 parts/,
  );
});

Deno.test("parseAnnouncedPart() takes type and encoding from the body, the rest as parsePartEnvelope() does", () => {
  const query = { kind: "samples", split: "test", seq: "0" };
  const said = {
    content_type: "Application/JSON; charset=utf-8",
    content_encoding: "gzip",
    size_bytes: 5,
    sha256: "A".repeat(64),
  };
  const json = new Headers({
    "idempotency-key": "k",
    "content-type": "text/plain",
  });
  const { envelope, announced } = parseAnnouncedPart(query, json, said);
  assert.deepEqual(
    envelope,
    parsePartEnvelope(query, headers({ "content-encoding": "gzip" })),
  );
  assert.deepEqual(announced, {
    content_type: "application/json",
    content_encoding: "gzip",
    size_bytes: 5,
    sha256: "a".repeat(64),
  });
  for (
    const wrong of [
      { size_bytes: 0 },
      { size_bytes: 1.5 },
      { sha256: "a" },
      { sha256: "g".repeat(64) },
      { colour: "red" },
    ]
  ) {
    assert.throws(
      () => parseAnnouncedPart(query, json, { ...said, ...wrong }),
      { code: "validation_failed" },
      JSON.stringify(wrong),
    );
  }
  for (
    const wrong of [{ content_type: "text/csv" }, { content_encoding: "br" }]
  ) {
    assert.throws(
      () => parseAnnouncedPart(query, json, { ...said, ...wrong }),
      { code: "unsupported_media_type" },
    );
  }
});
