// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import type { ModelValue } from "../graphs/model_session.ts";
import { type ModelSpec, planOf } from "./contract.ts";

const NONE = { logits: null, probs: null, embedding: null };
const FEATURES: ModelSpec = {
  input_kind: "features",
  input_name: null,
  preprocessing: null,
  class_names: ["ham", "spam"],
  outputs: NONE,
};
const IMAGE: ModelSpec = {
  ...FEATURES,
  input_kind: "image",
  preprocessing: {
    width: 8,
    height: 6,
    layout: "nchw",
    value_range: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: "fill",
  },
};
const TEXT: ModelSpec = { ...FEATURES, input_kind: "text" };

function value(
  name: string,
  shape: ModelValue["shape"],
  type = "float32",
): ModelValue {
  return { name, type, shape };
}

const X = value("x", ["n", 4]);
const LOGITS = value("logits", ["n", 2]);

Deno.test("planOf() finds what a torch export gives", () => {
  const outputs = [value("embedding", ["n", 16]), LOGITS];
  assert.deepEqual(
    planOf(FEATURES, { inputs: [X], outputs }, ["ham", "spam"]),
    {
      input: "x",
      inputType: "float32",
      batch: null,
      nFeatures: 4,
      isColumn: false,
      scores: "logits",
      scoresKind: "logits",
      embedding: "embedding",
      embeddingWidth: 16,
      columns: [0, 1],
    },
  );
});

Deno.test("planOf() finds what skl2onnx gives without ZipMap", () => {
  const inputs = [value("text", ["n", 1], "string")];
  const outputs = [
    value("label", ["n"], "string"),
    value("probabilities", ["n", 2]),
  ];
  const plan = planOf(TEXT, { inputs, outputs }, ["ham", "spam"]);
  assert.deepEqual(
    [plan.isColumn, plan.scores, plan.scoresKind, plan.embedding],
    [true, "probabilities", "probs", null],
  );
});

Deno.test("planOf() puts classes in the run's order", () => {
  const spec = { ...FEATURES, class_names: ["c", "a", "b"] };
  const outputs = [value("y", ["n", 3])];
  const plan = planOf(spec, { inputs: [X], outputs }, ["a", "b", "c"]);
  assert.deepEqual(plan.columns, [1, 2, 0]);
  assert.equal(plan.scoresKind, null);
});

Deno.test("planOf() takes a fixed number of rows, and images of either layout", () => {
  const fixed = value("x", [1, 3, 6, 8]);
  const plan = planOf(IMAGE, { inputs: [fixed], outputs: [LOGITS] }, [
    "ham",
    "spam",
  ]);
  assert.equal(plan.batch, 1);
  const nhwc = {
    ...IMAGE,
    preprocessing: { ...IMAGE.preprocessing!, layout: "nhwc" as const },
  };
  planOf(nhwc, { inputs: [value("x", ["n", 6, 8, 3])], outputs: [LOGITS] }, [
    "ham",
    "spam",
  ]);
});

Deno.test("planOf() says what does not fit", () => {
  const map = value("probs", [], "other");
  const wrong: [ModelSpec, ModelValue[], ModelValue[], RegExp][] = [
    [
      FEATURES,
      [X, X],
      [LOGITS],
      /must have one input: it has "x" float32 \(n, 4\), "x"/,
    ],
    [
      { ...FEATURES, input_name: "z" },
      [X],
      [LOGITS],
      /must have the input "z", as was said of it: it has "x"/,
    ],
    [
      FEATURES,
      [value("x", ["n", 3, 8, 8])],
      [LOGITS],
      /its input for features must be float32 \(n, d\): it is "x" float32 \(n, 3, 8, 8\)/,
    ],
    [FEATURES, [value("x", ["n"], "string")], [LOGITS], /must be float32/],
    [
      IMAGE,
      [value("x", ["n", 8, 6, 3])],
      [LOGITS],
      /its input for image must be float32 \(n, 3, 6, 8\)/,
    ],
    [TEXT, [X], [LOGITS], /its input for text must be string \(n, 1\)/],
    [
      FEATURES,
      [X],
      [value("y", ["n", 3])],
      /an output must be float32 \(n, 2\), a column for each class: it has "y" float32 \(n, 3\)$/,
    ],
    [
      FEATURES,
      [X],
      [value("label", ["n"], "int64"), map],
      /"probs" that is no tensor\. A sequence of maps is what skl2onnx makes by default: export with options=\{"zipmap": False\}/,
    ],
    [
      { ...FEATURES, outputs: { ...NONE, probs: "probs" } },
      [X],
      [LOGITS, map],
      /zipmap/,
    ],
    [
      FEATURES,
      [X],
      [value("y", ["n", 1])],
      /One logit for two classes is not enough/,
    ],
    [
      FEATURES,
      [X],
      [value("a", ["n", 2]), value("b", ["n", 2])],
      /must be said, in outputs: it has "a" float32 \(n, 2\), "b"/,
    ],
    [
      { ...FEATURES, outputs: { ...NONE, logits: "z" } },
      [X],
      [LOGITS],
      /must have the output "z"/,
    ],
    [{ ...FEATURES, outputs: { ...NONE, embedding: "e" } }, [X], [
      LOGITS,
      value("e", ["n", 2, 2]),
    ], /its embedding must be float32 \(n, width\)/],
    [
      { ...FEATURES, class_names: ["ham", "eggs"] },
      [X],
      [LOGITS],
      /its classes must be those of the run: it has no "spam": the run has no "eggs"/,
    ],
  ];
  for (const [spec, inputs, outputs, message] of wrong) {
    assert.throws(() => planOf(spec, { inputs, outputs }, ["ham", "spam"]), {
      code: "unusable_input",
      message,
    });
  }
});

Deno.test("planOf() refuses names that no database takes", () => {
  for (const name of ["lo\0git", "lo\ngit", "logit\ud800", "l".repeat(501)]) {
    const wrong = [
      { inputs: [X], outputs: [value(name, ["n", 2])] },
      { inputs: [value(name, ["n", 4])], outputs: [LOGITS] },
      { inputs: [X], outputs: [LOGITS, value(`${name}embed`, ["n", 3])] },
    ];
    for (const values of wrong) {
      assert.throws(
        () => planOf(FEATURES, values, ["ham", "spam"]),
        ({ code, message }: Error & { code: string }) =>
          code === "unusable_input" && message.isWellFormed() &&
          !/[\0\n]/.test(message) &&
          /must be text of at most 500 characters/.test(message),
      );
    }
  }
});
