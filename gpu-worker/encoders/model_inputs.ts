// deno-lint-ignore-file camelcase
import type {
  ImagePreprocessing,
  ModelInputKind,
} from "@shared/types/model.ts";
import { loadSharp, MOST_PIXELS, MOST_SECONDS } from "./_sharp.ts";

/** What samples hold, (n). */
export interface ModelSamples {
  /** Texts; null where there is none. */
  readonly texts: readonly (string | null)[];
  /** Image files; null where there is none. */
  readonly images: readonly (Uint8Array | null)[];
  /** Rows of features; null where there are none. */
  readonly features: readonly (ArrayLike<number> | null)[];
}

/** What a model takes. */
export interface ModelInputsOptions {
  /** Of a sample. */
  readonly kind: ModelInputKind;
  /** Of images; null for other inputs. */
  readonly preprocessing: ImagePreprocessing | null;
  /** Numbers of a row of features; null: as many as the first row has. */
  readonly nFeatures: number | null;
  /** Images decoded at a time; default 2. */
  readonly threads?: number;
}

/** A sample that cannot be given to the model. */
export interface RefusedSample {
  /** Which of the samples. */
  readonly at: number;
  /** Column it is about. */
  readonly column: ModelInputKind;
  /** The rule it breaks. */
  readonly rule: string;
  /** What it has instead; undefined: nothing. */
  readonly value?: unknown;
}

/** Input of a model for the samples that fit. */
export interface ModelInputs {
  /** Those samples, ascending, (m). */
  readonly used: readonly number[];
  /** Values in row-major order, or strings. */
  readonly data: Float32Array<ArrayBuffer> | string[];
  /** Dimensions, the first of them m. */
  readonly shape: readonly number[];
  /** The others. */
  readonly refused: readonly RefusedSample[];
}

/** Makes inputs of what samples hold, a batch at a time. */
export class ModelInputMaker {
  readonly #options: ModelInputsOptions;
  #nFeatures: number | null;

  /**
   * Knows no sample yet.
   *
   * @param options What the model takes.
   */
  constructor(options: ModelInputsOptions) {
    this.#options = options;
    this.#nFeatures = options.nFeatures;
  }

  /**
   * Input for some samples.
   *
   * @param samples What they hold, (n).
   * @returns Input for those that fit, and why the others do not.
   */
  async batch(samples: ModelSamples): Promise<ModelInputs> {
    const { kind } = this.#options;
    if (kind === "text") return textInputs(samples.texts);
    if (kind === "image") return await this.#images(samples.images);
    return this.#features(samples.features);
  }

  #features(rows: ModelSamples["features"]): ModelInputs {
    const used: number[] = [];
    const refused: RefusedSample[] = [];
    for (const [at, row] of rows.entries()) {
      if (row) this.#nFeatures ??= row.length;
      if (row?.length === this.#nFeatures) {
        used.push(at);
        continue;
      }
      refused.push({
        at,
        column: "features",
        rule: this.#nFeatures === null
          ? "the model takes features, and the sample must have some"
          : `the model takes features, and the sample must have ${this.#nFeatures}`,
        ...row ? { value: row.length } : {},
      });
    }
    const width = this.#nFeatures ?? 0;
    const data = new Float32Array(used.length * width);
    used.forEach((at, i) => data.set(rows[at]!, i * width));
    return { used, data, shape: [used.length, width], refused };
  }

  async #images(files: ModelSamples["images"]): Promise<ModelInputs> {
    const preprocessing = this.#options.preprocessing!;
    const { width, height, layout } = preprocessing;
    const size = width * height * 3;
    const pixels = files.map((): Uint8Array | null => null);
    const waiting = files.entries();
    const threads = this.#options.threads ?? 2;
    await Promise.all(Array.from({ length: threads }, async () => {
      for (const [at, file] of waiting) {
        if (file) pixels[at] = await decode(file, preprocessing);
      }
    }));
    const used = [...pixels.keys()].filter((at) => pixels[at] !== null);
    const data = new Float32Array(used.length * size);
    used.forEach((at, i) =>
      writePixels(data.subarray(i * size), pixels[at]!, preprocessing)
    );
    const refused = files.flatMap((file, at): RefusedSample[] =>
      pixels[at] ? [] : [{
        at,
        column: "image",
        rule: file
          ? "an image must be a JPEG, PNG, WebP or GIF file that can be decoded, of at most 2^26 pixels"
          : "the model takes images, and the sample must have one",
      }]
    );
    const dims = layout === "nchw" ? [3, height, width] : [height, width, 3];
    return { used, data, shape: [used.length, ...dims], refused };
  }
}

function textInputs(texts: ModelSamples["texts"]): ModelInputs {
  const used = [...texts.keys()].filter((at) => texts[at] !== null);
  const data = used.map((at) => texts[at]!);
  const refused = texts.flatMap((text, at): RefusedSample[] =>
    text === null
      ? [{
        at,
        column: "text",
        rule: "the model takes texts, and the sample must have one",
      }]
      : []
  );
  return { used, data, shape: [used.length], refused };
}

/** RGB of an image at the size that the model takes, (height * width * 3,); null where it cannot be decoded. */
async function decode(
  file: Uint8Array,
  { width, height, fit }: ImagePreprocessing,
): Promise<Uint8Array | null> {
  const sharp = await loadSharp();
  try {
    return await sharp(file, {
      failOn: "error",
      limitInputPixels: MOST_PIXELS,
    })
      .autoOrient()
      .flatten({ background: "#fff" })
      .resize(width, height, { fit })
      .toColourspace("srgb")
      .timeout({ seconds: MOST_SECONDS })
      .raw()
      .toBuffer();
  } catch {
    return null; // what is wrong with it is the decoder's business
  }
}

function writePixels(
  into: Float32Array,
  pixels: Uint8Array,
  { width, height, layout, value_range, mean, std }: ImagePreprocessing,
): void {
  const n = width * height;
  const scale = value_range / 255;
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 3; c++) {
      const value = (pixels[i * 3 + c]! * scale - mean[c]!) / std[c]!;
      into[layout === "nchw" ? c * n + i : i * 3 + c] = value;
    }
  }
}
