import { crc32 } from "node:zlib";
import { decodeArrays, encodeArrays } from "./array_file.ts";

/** Samples that could not be given to the model: one entry for each part, column and rule. */
export interface RefusedSamples {
  /** The first of them, by its place among all samples of the run. */
  readonly at: number;
  readonly column: string;
  readonly rule: string;
  /** What the first has instead; left out: nothing. */
  readonly value?: unknown;
  /** How many they are. */
  nRows: number;
}

/** What a model said of samples that stand one after the other, as it is kept until all are done. */
export interface InferredBlock {
  /** Place of the first sample among all of the run. */
  readonly from: number;
  /** Place after the last. */
  readonly to: number;
  /** Numbers of a row of scores. */
  readonly nClasses: number;
  /** Numbers of an embedding; 0: there are none. */
  readonly width: number;
  /** Rows that the model was given first: whether scores are probabilities is told by the first of the run. */
  readonly nFirst: number;
  /** Samples that the model was run over, by their places, ascending, (n). */
  readonly places: Int32Array<ArrayBuffer>;
  /** The model's scores, classes in the run's order, (n * nClasses,). */
  readonly scores: Float32Array<ArrayBuffer>;
  /** (n * width,). */
  readonly embeddings: Float32Array<ArrayBuffer>;
  /** The others. */
  readonly refused: readonly RefusedSamples[];
}

/** A block as one file. */
export function encodeBlock(block: InferredBlock): Uint8Array<ArrayBuffer> {
  const { places, scores, embeddings, ...meta } = block;
  const checksum = checksumOf(block);
  return encodeArrays({ ...meta, checksum }, { places, scores, embeddings });
}

/**
 * What {@linkcode encodeBlock} made.
 *
 * @throws {RangeError} If it was changed, or is cut short.
 */
export function decodeBlock(file: Uint8Array<ArrayBuffer>): InferredBlock {
  const { meta, arrays } = decodeArrays(file);
  const { checksum, ...rest } = meta as
    & Omit<InferredBlock, "places" | "scores" | "embeddings">
    & { readonly checksum: number };
  const block = {
    ...rest,
    places: arrays.places as Int32Array<ArrayBuffer>,
    scores: arrays.scores as Float32Array<ArrayBuffer>,
    embeddings: arrays.embeddings as Float32Array<ArrayBuffer>,
  };
  if (checksumOf(block) === checksum) return block;
  throw new RangeError(
    "Cannot read outputs of a file as its arrays must have the checksum they were written with",
  );
}

function checksumOf(
  { places, scores, embeddings }: Pick<
    InferredBlock,
    "places" | "scores" | "embeddings"
  >,
): number {
  return [places, scores, embeddings].reduce(
    (sum, { buffer, byteOffset, byteLength }) =>
      crc32(new Uint8Array(buffer, byteOffset, byteLength), sum),
    0,
  );
}
