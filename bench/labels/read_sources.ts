/**
 * The public data sets, as the developer has them: true labels, and what each sample holds.
 *
 * @module
 */
import { extract } from "tar-stream";
import { join } from "node:path";
import { Readable } from "node:stream";
import sharp from "sharp";
import { fileURLToPath } from "node:url";
import { benchData } from "../peers.ts";
import { isThere } from "./cache.ts";

/** A data set with true labels. All arrays have the same n entries. */
export interface Source {
  /** Class names. */
  readonly names: readonly string[];
  /** True class, (n,). */
  readonly truth: Int32Array<ArrayBuffer>;
  /** Labels that people gave, by name, (n,). */
  readonly given?: Readonly<Record<string, Int32Array<ArrayBuffer>>>;
  /** Votes of people, one list a sample. */
  readonly votes?: readonly (readonly number[])[];
  /** Texts. */
  readonly texts?: readonly string[];
  /** Pixels, (n, height, width, channels), and the same as files. */
  readonly images?: {
    readonly shape: readonly [number, number, number];
    readonly pixels: Uint8Array<ArrayBuffer>;
    readonly files: readonly Uint8Array[];
  };
}

/** Folders of data that are named otherwise. */
const FOLDERS: Readonly<Record<string, string>> = {
  amazon: "amazon_isbook_crowd",
  fashion: "fashion-mnist",
};
/** Where Debian's package puts it. */
const FASHION = "/usr/share/datasets/fashion-mnist";
const MOST_IMAGES = 10_000;

/** Reads a data set; null where the developer does not have it. */
export async function readSource(
  name: string,
): Promise<{ train: Source; test: Source | null } | null> {
  const url = await benchData(FOLDERS[name] ?? name);
  const folder = url
    ? fileURLToPath(url)
    : name === "fashion" && await isThere(FASHION)
    ? FASHION
    : null;
  if (!folder) return null;
  switch (name) {
    case "cifar10n":
      return { train: await cifar10n(folder), test: null };
    case "amazon":
      return { train: await amazon(folder), test: null };
    case "fashion":
      return {
        train: await fashion(folder, "train"),
        test: await fashion(folder, "t10k"),
      };
    default: {
      const rows = await jsonLines(join(folder, "train.jsonl"));
      const names = [...new Set(rows.map((r) => r.label))].sort();
      return {
        train: intents(rows, names),
        test: intents(await jsonLines(join(folder, "test.jsonl")), names),
      };
    }
  }
}

interface Line {
  readonly text: string;
  readonly label: string;
  readonly gold?: string;
  readonly votes?: readonly (readonly [string, string])[];
}

async function jsonLines(path: string): Promise<Line[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").filter((l) => l !== "").map((l) => JSON.parse(l));
}

function intents(rows: readonly Line[], names: readonly string[]): Source {
  return {
    names,
    truth: Int32Array.from(rows, (r) => names.indexOf(r.label)),
    texts: rows.map((r) => r.text),
  };
}

async function amazon(folder: string): Promise<Source> {
  const rows = await jsonLines(join(folder, "data.jsonl"));
  const names = [...new Set(rows.map((r) => r.gold!))].sort();
  return {
    names,
    truth: Int32Array.from(rows, (r) => names.indexOf(r.gold!)),
    votes: rows.map((r) => r.votes!.map(([, said]) => names.indexOf(said))),
    texts: rows.map((r) => r.text),
  };
}

async function cifar10n(folder: string): Promise<Source> {
  const [head, ...lines] = (await Deno.readTextFile(join(folder, "labels.csv")))
    .trim().split("\n")
    .map((line) => line.split(","));
  const column = (name: string) => {
    const at = head!.indexOf(name);
    return lines.map((line) => line[at]!);
  };
  const names = [...new Set(column("clean"))].sort();
  const classes = (name: string) =>
    Int32Array.from(column(name), (label) => names.indexOf(label));
  const byName = await readTar(join(folder, "images.tar"));
  const files = column("file").map((file) => byName.get(file)!);
  const pixels = new Uint8Array(files.length * 32 * 32 * 3);
  for (const [i, file] of files.entries()) {
    const raw = await sharp(file).removeAlpha().toColourspace("srgb").raw()
      .toBuffer();
    pixels.set(raw, i * raw.length);
  }
  return {
    names,
    truth: classes("clean"),
    given: {
      aggregate: classes("aggre"),
      worst: classes("worse"),
      random1: classes("random1"),
    },
    images: { shape: [32, 32, 3], pixels, files },
  };
}

async function readTar(path: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const tar = extract();
  Readable.from([await Deno.readFile(path)]).pipe(tar);
  for await (const entry of tar) {
    const parts: Uint8Array[] = [];
    for await (const part of entry) parts.push(part as Uint8Array);
    files.set(entry.header.name, Buffer.concat(parts));
  }
  return files;
}

async function fashion(folder: string, part: string): Promise<Source> {
  const read = async (kind: string) => {
    const file = await Deno.open(join(folder, `${part}-${kind}-ubyte.gz`));
    const plain = file.readable.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(plain).arrayBuffer());
  };
  const labels = (await read("labels-idx1")).subarray(8);
  const all = (await read("images-idx3")).subarray(16);
  const n = Math.min(MOST_IMAGES, labels.length);
  const size = 28 * 28;
  const pixels = all.slice(0, n * size);
  const files: Uint8Array[] = [];
  for (let i = 0; i < n && part === "train"; i++) {
    const raw = { width: 28, height: 28, channels: 1 } as const;
    files.push(
      await sharp(pixels.subarray(i * size, (i + 1) * size), { raw }).png({
        compressionLevel: 1,
      }).toBuffer(),
    );
  }
  return {
    names: [
      "T-shirt",
      "Trouser",
      "Pullover",
      "Dress",
      "Coat",
      "Sandal",
      "Shirt",
      "Sneaker",
      "Bag",
      "Ankle boot",
    ],
    truth: Int32Array.from(labels.subarray(0, n)),
    images: { shape: [28, 28, 1], pixels, files },
  };
}
