import sharp from "sharp";
import { allMails, stratifiedSample } from "../../examples/mails/data.ts";
import { realDuplicates } from "../../examples/mails/grade.ts";
import { encodeViews } from "../../gpu-worker/encoders/mod.ts";
import type { Matrix } from "../../gpu-worker/kernels/matrix.ts";
import { seededNormal } from "../../gpu-worker/kernels/seeded_normal.ts";
import { seededRandom } from "../../gpu-worker/kernels/seeded_random.ts";
import { standardizeColumns } from "../../gpu-worker/kernels/standardize_columns.ts";
import {
  SIGNATURE_LENGTH,
  textSignature,
} from "../../gpu-worker/signals/text_signature.ts";
import { readSource } from "../labels/read_sources.ts";
import { benchData } from "../peers.ts";
import { drawn, type Mixture, stacked } from "./mixture.ts";
import type { MixtureMaker } from "./outlier_mixtures.ts";

const N_ROWS = 2000;
const N_COPIES = 60;

/** Sets with duplicates that are known. */
export const DUPLICATE_MIXTURES: readonly MixtureMaker[] = [
  {
    name: "mails_real",
    data: null,
    seeds: [0],
    make: (_, seed) => mails(seed),
  },
  {
    name: "cifar10_saved_again",
    data: "cifar10n",
    seeds: [0],
    make: (_, seed) => savedAgain(seed),
  },
  {
    name: "california_housing_entered_twice",
    data: "drift",
    make: (_, seed) => enteredTwice(seed, 0.01),
  },
  {
    name: "california_housing_measured_twice",
    data: "drift",
    make: (_, seed) => enteredTwice(seed, 0.1),
  },
];

/** The corpus' own duplicates: mails that share four of five word triples with another. */
async function mails(seed: number): Promise<Mixture> {
  const chosen = stratifiedSample(allMails(), seededRandom(seed));
  const texts = chosen.map(({ text }) => text);
  const nothing = new Array<null>(texts.length).fill(null);
  const { views } = await encodeViews({
    texts,
    images: nothing,
    features: nothing,
  });
  const signatures = new Uint32Array(texts.length * SIGNATURE_LENGTH);
  texts.forEach((text, i) => {
    const start = i * SIGNATURE_LENGTH;
    textSignature(text, signatures.subarray(start, start + SIGNATURE_LENGTH));
  });
  return {
    features: views.at(-1)!.features, // the encoder's, where there is one
    labels: Int32Array.from(chosen, ({ truth }) => truth),
    isOdd: Uint8Array.from(realDuplicates(chosen), Number),
    content: { textSignatures: signatures },
  };
}

/** Photos, and some of them again: another size, another quality, a little brighter. */
async function savedAgain(seed: number): Promise<Mixture | null> {
  const source = await readSource("cifar10n");
  if (!source) return null;
  const { truth, images } = source.train;
  const rows = drawn(truth.length, N_ROWS, seed);
  const originals = drawn(N_ROWS, N_COPIES, 100 + seed);
  const files = rows.map((row) => images!.files[row]!);
  for (const i of originals) {
    files.push(
      await sharp(files[i]!).resize(48, 48).modulate({ brightness: 1.1 })
        .jpeg({ quality: 60 }).toBuffer(),
    );
  }
  const nothing = new Array<null>(files.length).fill(null);
  const { views, imageHashes } = await encodeViews({
    texts: nothing,
    images: files,
    features: nothing,
  });
  return {
    features: views.find(({ name }) => name === "image")!.features,
    labels: Int32Array.from(
      [...rows, ...originals.map((i) => rows[i]!)],
      (row) => truth[row]!,
    ),
    isOdd: markedTwice(originals),
    ...imageHashes && { content: { imageHashes } },
  };
}

/** A table, and some of its rows again, once more: each value moved by about a share of its column's spread. */
async function enteredTwice(
  seed: number,
  share: number,
): Promise<Mixture | null> {
  const folder = await benchData("drift");
  if (!folder) return null;
  const file = new URL("california_housing_reference.csv", folder);
  const [head, ...lines] = (await Deno.readTextFile(file)).trim().split("\n")
    .map((line) => line.split(","));
  const columns = head!.flatMap((name, at) =>
    HOUSING_COLUMNS.includes(name) ? [at] : []
  );
  const chosen = drawn(lines.length, N_ROWS, seed).map((row) => lines[row]!);
  const table: Matrix = standardizeColumns({
    data: Float32Array.from(
      chosen.flatMap((line) => columns.map((at) => Number(line[at]))),
    ),
    rows: chosen.length,
    cols: columns.length,
  });
  const originals = drawn(N_ROWS, N_COPIES, 100 + seed);
  const normal = seededNormal(200 + seed);
  const again = new Float32Array(N_COPIES * table.cols);
  originals.forEach((row, i) => {
    for (let j = 0; j < table.cols; j++) {
      again[i * table.cols + j] = table.data[row * table.cols + j]! +
        share * normal();
    }
  });
  const target = head!.indexOf("clf_target");
  const labels = [...chosen, ...originals.map((i) => chosen[i]!)]
    .map((line) => Number(line[target]));
  return {
    features: stacked(table, {
      data: again,
      rows: N_COPIES,
      cols: table.cols,
    }),
    labels: Int32Array.from(labels),
    isOdd: markedTwice(originals),
  };
}

const HOUSING_COLUMNS = [
  "MedInc",
  "HouseAge",
  "AveRooms",
  "AveBedrms",
  "Population",
  "AveOccup",
  "Latitude",
  "Longitude",
];

/** 1 for originals and their copies, which come last. */
function markedTwice(originals: readonly number[]): Uint8Array {
  const isOdd = new Uint8Array(N_ROWS + N_COPIES).fill(1, N_ROWS);
  for (const row of originals) isOdd[row] = 1;
  return isOdd;
}
