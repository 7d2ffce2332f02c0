import { join } from "node:path";
import { encodeGraph } from "../../graphs/onnx.ts";
import { seededNormal } from "../../kernels/seeded_normal.ts";
import type { Piece } from "../unigram_tokenizer.ts";

const WIDTH = 8;
const PIECES: readonly Piece[] = [
  ["<unk>", 0],
  ["▁", -2],
  ..."abcdefghijklmnopqrstuvwxyz".split("").map((c): Piece => [c, -4]),
  ..."abcdefghijklmnopqrstuvwxyz".split("").map((c): Piece => [`▁${c}`, -5]),
];

/** Gives the place of a text encoder that is quick: a text is the sum of random vectors of its letters, 8 numbers wide. */
export async function withTinyEncoder(
  test: (place: string) => Promise<void>,
): Promise<void> {
  const ids = { type: "int64" as const, shape: ["b", "t"] };
  const model = encodeGraph({
    name: "tiny",
    inputs: { input_ids: ids, attention_mask: ids },
    outputs: { embedding: ["b", WIDTH] },
    initializers: {
      table: {
        data: Float32Array.from(
          { length: PIECES.length * WIDTH },
          seededNormal(1),
        ),
        shape: [PIECES.length, WIDTH],
      },
      last: { data: BigInt64Array.of(2n), shape: [1] },
      tokens: { data: BigInt64Array.of(1n), shape: [1] },
    },
    nodes: [
      ["Gather", ["table", "input_ids"], "vectors"], // (b, t, 8)
      ["Cast", ["attention_mask"], "mask", { to: 1 }],
      ["Unsqueeze", ["mask", "last"], "weights"], // (b, t, 1)
      ["Mul", ["vectors", "weights"], "met"],
      ["ReduceSum", ["met", "tokens"], "embedding", { keepdims: 0 }], // (b, 8)
    ],
  });
  const folder = await Deno.makeTempDir();
  try {
    const place = join(folder, "tiny.onnx");
    await Deno.writeFile(place, model);
    await Deno.writeTextFile(
      join(folder, "tiny.vocab.json"),
      JSON.stringify(PIECES),
    );
    await test(place);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
