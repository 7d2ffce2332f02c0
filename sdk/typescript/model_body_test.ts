import assert from "node:assert/strict";
import { modelBody } from "./model_body.ts";
import type { ModelDescription } from "./model_types.ts";

const NET = {
  inputKind: "image",
  classNames: ["cat", "dog"],
  preprocessing: { width: 224, height: 224 },
} as const;

Deno.test("modelBody() is what the server asks for", () => {
  const body = modelBody({
    inputKind: "image",
    classNames: [3, true, "dog"],
    preprocessing: {
      width: 32,
      height: 24,
      layout: "nhwc",
      valueRange: 255,
      mean: [1, 2, 3],
      std: [4, 5, 6],
      fit: "cover",
    },
    inputName: "image",
    outputs: { logits: "y", embedding: null },
  }, "net");
  assert.deepEqual(body, {
    name: "net",
    input_kind: "image",
    input_name: "image",
    preprocessing: {
      width: 32,
      height: 24,
      layout: "nhwc",
      value_range: 255,
      mean: [1, 2, 3],
      std: [4, 5, 6],
      fit: "cover",
    },
    class_names: ["3", "true", "dog"],
    outputs: { logits: "y", probs: null, embedding: null },
  });
  assert.equal(modelBody({ ...NET, name: "given" }, "net").name, "given");
  assert.equal(modelBody(NET).name, "model");
});

Deno.test("modelBody() refuses what a server could only refuse, with the rule and the value", () => {
  const wrong: [object, RegExp][] = [
    [{ name: "" }, /name must have 1 to 200 characters: it has 0$/],
    [{ name: "n\0" }, /name must be a text without NUL/],
    [
      { inputKind: "sound" },
      /inputKind must be one of .*: current value is "sound"/,
    ],
    [
      { inputKind: "text" },
      /preprocessing is needed with inputKind "image", and only there: inputKind is "text"/,
    ],
    [{ preprocessing: undefined }, /preprocessing is needed/],
    [
      { classNames: "ham" },
      /classNames must be an array of names: current value is "ham"/,
    ],
    [{ classNames: [] }, /classNames must be 1 to 10000 names: got 0/],
    [
      { classNames: ["a", "a"] },
      /classNames must name each class once: "a" comes again/,
    ],
    [
      { classNames: ["a", ""] },
      /classNames\[1\] must have 1 to 500 characters/,
    ],
    [
      { outputs: { logits: "a", probs: "b" } },
      /outputs must name logits or probs, not both/,
    ],
    [
      { outputs: { logit: "a" } },
      /outputs has logits, probs, embedding: current name is "logit"/,
    ],
    [
      { inputName: 3 },
      /inputName must be a text without NUL: current value is 3/,
    ],
  ];
  const images: [object, RegExp][] = [
    [
      { width: 0 },
      /preprocessing\.width must be a whole number from 1 to 2048: current value is 0/,
    ],
    [{ height: 2.5 }, /preprocessing\.height .* current value is 2\.5/],
    [
      { height: undefined },
      /preprocessing\.height .* current value is undefined/,
    ],
    [{ layout: "chw" }, /preprocessing\.layout must be one of "nchw", "nhwc"/],
    [
      { valueRange: 2 },
      /preprocessing\.valueRange must be one of 1, 255: current value is 2/,
    ],
    [
      { mean: [0, 0] },
      /preprocessing\.mean must be three numbers .*: current value is \[0,0\]/,
    ],
    [{ std: [1, 0, 1] }, /preprocessing\.std must be three numbers/],
    [{ fit: "crop" }, /preprocessing\.fit must be one of "fill", "cover"/],
    [
      { value_range: 1 },
      /preprocessing has width, .*: current name is "value_range"/,
    ],
  ];
  for (const [change, message] of images) {
    const preprocessing = { ...NET.preprocessing, ...change };
    wrong.push([{ preprocessing }, message]);
  }
  for (const [change, message] of wrong) {
    const model = { ...NET, ...change } as ModelDescription;
    assert.throws(() => modelBody(model), {
      name: "RangeError",
      message: new RegExp(`^Cannot upload model as ${message.source}`),
    });
  }
});
