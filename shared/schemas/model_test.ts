// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { parseModelAnnouncement, parseModelRequest } from "./model.ts";

const PROJECT = "0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11";
const FEATURES = {
  project_id: PROJECT,
  name: "forest",
  input_kind: "features",
  class_names: ["ham", "spam"],
};

Deno.test("parseModelRequest() fills in defaults", () => {
  assert.deepEqual(parseModelRequest(FEATURES), {
    ...FEATURES,
    input_name: null,
    preprocessing: null,
    outputs: { logits: null, probs: null, embedding: null },
  });
  const image = {
    ...FEATURES,
    input_kind: "image",
    preprocessing: { width: 32, height: 24 },
  };
  assert.deepEqual(parseModelRequest(image).preprocessing, {
    width: 32,
    height: 24,
    layout: "nchw",
    value_range: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: "fill",
  });
});

Deno.test("parseModelRequest() refuses what no model is", () => {
  const wrong: [object, RegExp][] = [
    [{ class_names: [] }, /class_names/],
    [{ class_names: ["ham", "ham"] }, /must name each class once/],
    [{ input_kind: "sound" }, /input_kind/],
    [{ input_kind: "image" }, /preprocessing: is needed with input_kind image/],
    [
      { preprocessing: { width: 1, height: 1 } },
      /preprocessing: is needed with input_kind image, and only there/,
    ],
    [{ outputs: { logits: "a", probs: "b" } }, /not both/],
    [{ path: "/etc/passwd" }, /path/],
    [{ name: "" }, /name/],
  ];
  for (const [change, message] of wrong) {
    assert.throws(() => parseModelRequest({ ...FEATURES, ...change }), {
      code: "validation_failed",
      message,
    });
  }
});

Deno.test("parseModelAnnouncement() asks for size and hash", () => {
  const sha256 = "A".repeat(64);
  assert.deepEqual(parseModelAnnouncement({ size_bytes: 3, sha256 }), {
    size_bytes: 3,
    sha256: "a".repeat(64),
  });
  for (
    const value of [{ size_bytes: 0, sha256 }, { size_bytes: 3 }, {
      size_bytes: 3,
      sha256: "zz",
    }]
  ) {
    assert.throws(() => parseModelAnnouncement(value), {
      code: "validation_failed",
    });
  }
});
