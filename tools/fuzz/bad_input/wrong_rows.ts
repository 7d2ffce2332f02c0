import { float32, list, utf8 } from "@uwdata/flechette";
import {
  about,
  ARROW,
  type BadInput,
  listed,
  N_GOOD,
  outputs,
  samples,
  stream,
} from "./bad_input.ts";

/** Rows that cannot be used, beside rows that can. */
export function wrongRows(): BadInput[] {
  const rows = (name: string, cells: object, rule: RegExp) =>
    listed(name, about(cells), 1, rule);
  return [
    rows(
      "logits of another width",
      { logits: [1, 2, 3] },
      /a list of 2 numbers/,
    ),
    rows("logits that are a number", { logits: 5 }, /a list of 2 numbers/),
    rows("logits that are text", { logits: ["1", "2"] }, /each logit must be/),
    rows("logits with a null", { logits: [null, 1] }, /each logit must be/),
    listed(
      "NaN and infinite logits, in Arrow",
      {
        kind: "outputs",
        type: ARROW,
        body: stream({
          id: ["s0", "s1", "s2", "s3"],
          logits: [[NaN, 1], [Infinity, 1], [-Infinity, 1], [1, 2]],
        }, { id: utf8(), logits: list(float32()) }),
      },
      2,
      /row 0, column "logits", as each logit must be a number \(-Infinity masks a class\)/,
    ),
    rows(
      "probabilities that do not sum to one",
      { probs: [0.5, 0.9] },
      /must sum to 1 within 0\.02: current value is 1\.4/,
    ),
    rows("probabilities below zero", { probs: [-0.5, 1.5] }, /in \[0, 1\]/),
    rows(
      "an embedding of no width",
      { logits: [1, 2], embedding: [] },
      /a list of 1 to 65536 finite numbers/,
    ),
    rows(
      "an embedding too wide to be one",
      { logits: [1, 2], embedding: Array(65_537).fill(0) },
      /a list of 1 to 65536 finite numbers: current value is a list of 65537/,
    ),
    listed(
      "embeddings of two widths",
      outputs(
        { id: "s0", logits: [1, 2], embedding: [1, 2] },
        { id: "s1", logits: [1, 2], embedding: [1] },
      ),
      1,
      /row 1, column "embedding", as it must be a list of 2 numbers/,
    ),
    listed(
      "outputs without logits or probs",
      outputs({ id: "s0" }, { id: "s1" }),
      2,
      /an outputs part needs logits or probs/,
    ),
    listed(
      "outputs of unknown samples",
      outputs({ id: "nobody", logits: [1, 2] }, { id: 7, logits: [1, 2] }),
      2,
      /the id of a usable sample of split training: current value is "nobody"/,
    ),
    listed(
      "samples without ids",
      samples({ text: "a" }, { text: "b" }),
      2,
      /column "id", as a samples part needs it/,
    ),
    listed(
      "ids that are none",
      samples(
        ...["", null, 1.5, true, [1], {}, 2 ** 60, "x".repeat(1_025)].map((
          id,
        ) => ({ id })),
        { id: "a\0b" },
        { id: "a\ud800" },
      ),
      10,
      /a string or an integer of at most 1024 bytes/,
    ),
    listed(
      "an id that stands for two samples",
      samples({ id: "s0", label: 1 }, { id: "s1", label: 1, text: "other" }),
      2,
      /row 0, column "id", as an id stands for one sample .* the first row counts: current value is "s0"/,
    ),
    {
      name: "an id that stands twice for the same sample",
      parts: [samples({ id: "s0", label: 0 }, { id: "s1", label: 1 })],
      ends: { ranked: N_GOOD, listed: 0 },
    },
    listed(
      "labels out of range",
      samples(
        ...[2, -1, 0.5, "eggs", true, [0], {}, 1e300].map((label, i) => ({
          id: `l${i}`,
          label,
        })),
      ),
      8,
      /one of the run's 2 label names, or an index into them: current value is 2/,
    ),
    listed(
      "texts that are none",
      samples({ id: "t0", text: 5 }, { id: "t1", text: ["a"] }),
      2,
      /a text must be a string/,
    ),
    listed(
      "features that are no numbers",
      samples(
        ...["x", ["1"], [null], [true], [[1]], {}].map((features, i) => ({
          id: `f${i}`,
          features,
        })),
      ),
      6,
      /features must be a list of finite numbers/,
    ),
    listed(
      "images that are neither bytes nor a URI",
      samples(
        ...[5, {}, [1], "data:image/png,plain", "data:;base64,%%"].map((
          image,
          i,
        ) => ({ id: `i${i}`, image })),
      ),
      5,
      /an image must be bytes, a URI, or a data URI in base64/,
    ),
  ];
}
