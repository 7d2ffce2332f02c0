import sharp from "sharp";
import { encodeViews } from "../../gpu-worker/encoders/mod.ts";
import type { Matrix } from "../../gpu-worker/kernels/matrix.ts";
import { seededRandom } from "../../gpu-worker/kernels/seeded_random.ts";
import { contentsOf } from "../labels/contents.ts";
import { readNpyLabels, readNpyMatrix } from "../npy.ts";
import { benchData, type PeerPython } from "../peers.ts";
import { dense, drawn, type Mixture, rowsOf, stacked } from "./mixture.ts";

/** What makes a mixture: null where its data is not at hand. */
export interface MixtureMaker {
  readonly name: string;
  /** Folder of `ASSAY_BENCH_DATA` that it wants; null: none. */
  readonly data: string | null;
  /** Seeds; default 0, 1, 2. */
  readonly seeds?: readonly number[];
  /** Makes it anew for a seed. */
  make(tools: MakerTools, seed: number): Promise<Mixture | null>;
}

/** What makers share. */
export interface MakerTools {
  readonly python: PeerPython;
  readonly say: (text: string) => void;
}

const N_USUAL = 4000;

/** Mixtures of usual samples and outliers that are known. */
export const OUTLIER_MIXTURES: readonly MixtureMaker[] = [
  {
    name: "clinc150_out_of_scope",
    data: "clinc150",
    async make({ say }, seed) {
      const set = await encoded("clinc150", "sentence", say);
      const folder = await benchData("clinc150");
      if (!set || !folder) return null;
      const odd = await outOfScope(folder);
      return odd &&
        mix(set, rowsOf(odd, drawn(odd.rows, 200, 100 + seed)), seed);
    },
  },
  {
    name: "cifar10_and_fashion",
    data: "cifar10n",
    async make({ say }, seed) {
      const set = await encoded("cifar10n", "image", say);
      const other = await encoded("fashion", "image", say);
      if (!set || !other) return null;
      const rows = drawn(other.features.rows, 100, 100 + seed);
      return mix(set, rowsOf(other.features, rows), seed);
    },
  },
  {
    name: "cifar10_and_junk_in_clumps",
    data: "cifar10n",
    async make({ say }, seed) {
      const set = await encoded("cifar10n", "image", say);
      return set && mix(set, await junk(seed), seed);
    },
  },
  {
    name: "fashion_and_cifar10",
    data: "cifar10n",
    async make({ say }, seed) {
      const set = await encoded("fashion", "image", say);
      const other = await encoded("cifar10n", "image", say);
      if (!set || !other) return null;
      const rows = drawn(other.features.rows, 100, 100 + seed);
      return mix(set, rowsOf(other.features, rows), seed);
    },
  },
  {
    name: "digits_unknown_class",
    data: null,
    make: ({ python }, seed) => unknownDigit(python, seed),
  },
  clean("clinc150", "clinc150", "sentence"),
  clean("banking77", "banking77", "sentence"),
  clean("cifar10", "cifar10n", "image"),
  clean("fashion", "fashion", "image"),
];

/** Usual samples alone. */
function clean(title: string, name: string, view: string): MixtureMaker {
  return {
    name: `${title}_nothing_odd`,
    data: name,
    seeds: [0],
    async make({ say }, seed) {
      const set = await encoded(name, view, say);
      return set && mix(set, rowsOf(set.features, []), seed);
    },
  };
}

interface Encoded {
  readonly features: Matrix;
  readonly labels: Int32Array;
}

async function encoded(
  name: string,
  view: string,
  say: (text: string) => void,
): Promise<Encoded | null> {
  const folder = await contentsOf(name, say);
  if (!folder) return null;
  return {
    features: await readNpyMatrix(`${folder}/view_${view}.npy`),
    labels: await readNpyLabels(`${folder}/truth.npy`),
  };
}

/** Usual samples with their labels, and odd ones with labels of usual ones, as somebody has given them one. */
function mix(
  { features, labels }: Encoded,
  odd: Matrix,
  seed: number,
): Mixture {
  const rows = drawn(features.rows, N_USUAL, seed);
  const random = seededRandom(1000 + seed);
  const given = new Int32Array(rows.length + odd.rows);
  rows.forEach((row, i) => given[i] = labels[row]!);
  for (let i = rows.length; i < given.length; i++) {
    given[i] = given[Math.floor(random() * rows.length)]!;
  }
  const isOdd = new Uint8Array(given.length).fill(1, rows.length);
  return {
    features: stacked(rowsOf(features, rows), odd),
    labels: dense(given),
    isOdd,
  };
}

let knownOutOfScope: Promise<Matrix | null> | undefined;

function outOfScope(folder: URL): Promise<Matrix | null> {
  return knownOutOfScope ??= (async () => {
    const file = new URL("oos_test.jsonl", folder);
    const lines = (await Deno.readTextFile(file)).trim().split("\n");
    const texts = lines.map((line) => JSON.parse(line).text as string);
    return await viewOf("sentence", { texts });
  })();
}

async function viewOf(
  name: string,
  { texts, images }: { texts?: string[]; images?: Uint8Array[] },
): Promise<Matrix | null> {
  const n = (texts ?? images)!.length;
  const nothing = new Array<null>(n).fill(null);
  const { views } = await encodeViews({
    texts: texts ?? nothing,
    images: images ?? nothing,
    features: nothing,
  });
  return views.find((view) => view.name === name)?.features ?? null;
}

const SIDE = 32;
const CLUMP = 25;

/** Four kinds of junk, each again and again with a little noise: black, one noise pattern, a ramp, one logo-like cross. */
async function junk(seed: number): Promise<Matrix> {
  const random = seededRandom(2000 + seed);
  const pattern = Float32Array.from({ length: SIDE * SIDE }, () => random());
  const kinds: ((x: number, y: number) => number)[] = [
    () => 0.03,
    (x, y) => pattern[y * SIDE + x]!,
    (x) => x / SIDE,
    (x, y) => Math.abs(x - 16) < 3 || Math.abs(y - 16) < 3 ? 0.9 : 0.1,
  ];
  const images: Uint8Array[] = [];
  for (const kind of kinds) {
    for (let copy = 0; copy < CLUMP; copy++) {
      const pixels = new Uint8Array(SIDE * SIDE * 3);
      for (let i = 0; i < SIDE * SIDE; i++) {
        const value = kind(i % SIDE, Math.floor(i / SIDE));
        const noisy = 255 * (value + 0.04 * (random() - 0.5));
        pixels.fill(Math.max(0, Math.min(255, noisy)), 3 * i, 3 * i + 3);
      }
      const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
      images.push(await sharp(pixels, { raw }).png().toBuffer());
    }
  }
  return (await viewOf("image", { images }))!;
}

/** Handwritten digits of nine classes, and 40 of the tenth, labelled as others. */
async function unknownDigit(
  python: PeerPython,
  seed: number,
): Promise<Mixture> {
  const folder = await Deno.makeTempDir();
  try {
    await python.run("peer_issues.py", ["--digits", folder]);
    const features = await readNpyMatrix(`${folder}/features.npy`);
    const labels = await readNpyLabels(`${folder}/labels.npy`);
    const unknown = [0, 4, 7][seed % 3]!;
    const all = [...labels.keys()];
    const odd = all.filter((row) => labels[row] === unknown);
    const usual = all.filter((row) => labels[row] !== unknown);
    const chosen = drawn(odd.length, 40, seed).map((i) => odd[i]!);
    const random = seededRandom(1000 + seed);
    const rows = [...usual, ...chosen];
    const given = Int32Array.from(
      rows,
      (row, i) =>
        labels[
          i < usual.length ? row : usual[Math.floor(random() * usual.length)]!
        ]!,
    );
    return {
      features: rowsOf(features, rows),
      labels: dense(given),
      isOdd: new Uint8Array(rows.length).fill(1, usual.length),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
