import { join } from "node:path";
import { cacheFolder, digestOf } from "./cache.ts";

/** A data set, what is wrong with its labels, and the model that is trained on it. */
export interface RunSetting {
  /** Name of the case. */
  readonly name: string;
  /** Data set. */
  readonly data: string;
  /** How labels go wrong: see `labels_noise.py`. */
  readonly noise: string;
  /** See `labels_nets.py`. */
  readonly model: string;
  /** Samples, drawn anew for each seed. */
  readonly n: number;
  /** Whether constants of the engine were fitted on the same data and noise. */
  readonly isTuning: boolean;
}

/** Raised when what is trained changes. */
const VERSION = 2;
/** Samples of the larger sets. */
const N = 5000;

/** All settings; names of tuning ones are told in the table. */
export const SETTINGS: readonly RunSetting[] = [
  ["cifar10n_aggregate", "cifar10n", "aggregate", "convnet", N, true],
  ["cifar10n_worst", "cifar10n", "worst", "convnet", N, false],
  ["cifar10n_random1", "cifar10n", "random1", "convnet", N, false],
  ["cifar10n_aggregate_mlp", "cifar10n", "aggregate", "pixel_mlp", N, true],
  ["amazon_crowd", "amazon", "crowd", "text_mlp", 1000, false],
  ["banking77_class", "banking77", "class", "text_mlp", N, true],
  ["banking77_instance", "banking77", "instance", "text_mlp", N, true],
  ["clinc150_class", "clinc150", "class", "text_mlp", N, false],
  ["clinc150_instance", "clinc150", "instance", "text_mlp", N, false],
  ["fashion_instance", "fashion", "instance", "pixel_mlp", N, true],
  ["digits_pair", "digits", "pair", "table_mlp", 1797, true],
  ["digits_clean", "digits", "clean", "table_mlp", 1797, false],
].map((s) => {
  const [name, data, noise, model, n, isTuning] = s as [
    string,
    string,
    string,
    string,
    number,
    boolean,
  ];
  return { name, data, noise, model, n, isTuning };
});

/** Of noise, samples and weights; without --full only the first. */
export const SEEDS = [0, 1, 2] as const;

/** Where a trained run is kept. */
export async function runFolder(
  { data, noise, model, n }: RunSetting,
  seed: number,
): Promise<string> {
  const digest = await digestOf([VERSION, data, noise, model, n, seed]);
  return join(
    cacheFolder(),
    "runs",
    `${data}-${noise}-${model}-${seed}-${digest}`,
  );
}
