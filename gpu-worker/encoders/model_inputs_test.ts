// deno-lint-ignore-file camelcase
import sharp from "sharp";
import assert from "node:assert/strict";
import type { ImagePreprocessing } from "@shared/types/model.ts";
import { ModelInputMaker, type ModelSamples } from "./model_inputs.ts";

function samples(more: Partial<ModelSamples>): ModelSamples {
  return { texts: [], images: [], features: [], ...more };
}

const IMAGE: ImagePreprocessing = {
  width: 2,
  height: 1,
  layout: "nchw",
  value_range: 255,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fit: "fill",
};

/** A PNG of two pixels side by side. */
async function png(left: number[], right: number[]): Promise<Uint8Array> {
  return await sharp(Uint8Array.from([...left, ...right]), {
    raw: { width: 2, height: 1, channels: 3 },
  }).png().toBuffer();
}

Deno.test("ModelInputMaker takes features of one width, that of the first row where the model says none", async () => {
  const maker = new ModelInputMaker({
    kind: "features",
    preprocessing: null,
    nFeatures: null,
  });
  const first = await maker.batch(
    samples({ features: [null, [1, 2], [3], [4, 5]] }),
  );
  assert.deepEqual(first, {
    used: [1, 3],
    data: Float32Array.of(1, 2, 4, 5),
    shape: [2, 2],
    refused: [
      {
        at: 0,
        column: "features",
        rule: "the model takes features, and the sample must have some",
      },
      {
        at: 2,
        column: "features",
        rule: "the model takes features, and the sample must have 2",
        value: 1,
      },
    ],
  });
  const second = await maker.batch(samples({ features: [[6, 7, 8]] }));
  assert.deepEqual([second.used, second.shape], [[], [0, 2]]);
});

Deno.test("ModelInputMaker takes features of the model's width", async () => {
  const maker = new ModelInputMaker({
    kind: "features",
    preprocessing: null,
    nFeatures: 3,
  });
  const { used } = await maker.batch(
    samples({ features: [[1, 2], [1, 2, 3]] }),
  );
  assert.deepEqual(used, [1]);
});

Deno.test("ModelInputMaker takes texts", async () => {
  const maker = new ModelInputMaker({
    kind: "text",
    preprocessing: null,
    nFeatures: null,
  });
  const found = await maker.batch(samples({ texts: ["a", null, ""] }));
  assert.deepEqual([found.used, found.data, found.shape], [[0, 2], ["a", ""], [
    2,
  ]]);
  assert.deepEqual(found.refused.map(({ at }) => at), [1]);
});

Deno.test("ModelInputMaker lays images out as the model takes them", async () => {
  const file = await png([10, 20, 30], [40, 50, 60]);
  const cases: [Partial<ImagePreprocessing>, number[], number[]][] = [
    [{}, [1, 3, 1, 2], [10, 40, 20, 50, 30, 60]],
    [{ layout: "nhwc" }, [1, 1, 2, 3], [10, 20, 30, 40, 50, 60]],
    [
      {
        value_range: 1,
        mean: [0, 20 / 255, 0],
        std: [1 / 255, 2 / 255, 1 / 255],
      },
      [1, 3, 1, 2],
      [10, 40, 0, 15, 30, 60],
    ],
  ];
  for (const [change, shape, expected] of cases) {
    const maker = new ModelInputMaker({
      kind: "image",
      preprocessing: { ...IMAGE, ...change },
      nFeatures: null,
    });
    const found = await maker.batch(samples({ images: [file] }));
    assert.deepEqual(found.shape, shape);
    (found.data as Float32Array).forEach((value, i) =>
      assert.ok(Math.abs(value - expected[i]!) < 1e-4, `${found.data}`)
    );
  }
});

Deno.test("ModelInputMaker stretches an image, or cuts it to keep its shape", async () => {
  const [red, blue] = [[255, 0, 0], [0, 0, 255]];
  const file = await sharp(Uint8Array.from([red, blue, blue, red].flat()), {
    raw: { width: 4, height: 1, channels: 3 },
  }).png().toBuffer();
  const redOf = async (fit: "fill" | "cover") => {
    const maker = new ModelInputMaker({
      kind: "image",
      preprocessing: { ...IMAGE, width: 1, fit },
      nFeatures: null,
    });
    const { data } = await maker.batch(samples({ images: [file] }));
    return (data as Float32Array)[0]!;
  };
  assert.ok(await redOf("fill") > 50);
  assert.equal(await redOf("cover"), 0);
});

Deno.test("ModelInputMaker refuses images that are none", async () => {
  const maker = new ModelInputMaker({
    kind: "image",
    preprocessing: IMAGE,
    nFeatures: null,
  });
  const file = await png([1, 2, 3], [4, 5, 6]);
  const found = await maker.batch(
    samples({ images: [null, Uint8Array.of(1, 2), file] }),
  );
  assert.deepEqual(found.used, [2]);
  assert.deepEqual(
    found.refused.map(({ rule }) => rule.slice(0, 26)),
    ["the model takes images, an", "an image must be a JPEG, P"],
  );
});
