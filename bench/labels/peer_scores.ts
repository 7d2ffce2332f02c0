import { join } from "node:path";
import type { PeerPython } from "../peers.ts";
import { readNpy } from "../npy.ts";
import { isThere } from "./cache.ts";

/** What to judge: labels, probabilities that are averaged, and logits of epochs. */
export interface PeerRequest {
  /** File of labels. */
  readonly labels: string;
  /** Files of out-of-sample probabilities. */
  readonly probs: readonly string[];
  /** File of logits of epochs; null: no margins of training. */
  readonly logits: string | null;
  /** Folder of what is found. */
  readonly out: string;
}

/** Scores of cleanlab, by name. */
export const CLEANLAB_SCORES = [
  "self_confidence",
  "normalized_margin",
  "confidence_weighted_entropy",
] as const;

/** Has peers judge what they have not judged before. */
export async function askPeers(
  python: PeerPython,
  requests: readonly PeerRequest[],
): Promise<void> {
  const missing: PeerRequest[] = [];
  for (const request of requests) {
    if (!await isThere(join(request.out, "flags.npy"))) missing.push(request);
  }
  if (missing.length === 0) return;
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify(missing));
    await python.run("labels_peers.py", [file]);
  } finally {
    await Deno.remove(file);
  }
}

/** What peers found: a score, high is suspicious, or `flags`, (n,). */
export async function peerScore(
  folder: string,
  name: string,
): Promise<ArrayLike<number>> {
  return (await readNpy(join(folder, `${name}.npy`))).data as Float64Array;
}
