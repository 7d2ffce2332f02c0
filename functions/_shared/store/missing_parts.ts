import type { ManifestEntry } from "@shared/types/part.ts";

/** A part that a manifest names and nobody received. */
export type MissingPart =
  & Pick<
    ManifestEntry,
    "part_kind" | "split" | "inference_name" | "epoch"
  >
  & { readonly seq: number };

/** Parts that arrived for one place of a manifest. */
export type PresentParts =
  & Pick<
    ManifestEntry,
    "part_kind" | "split" | "inference_name" | "epoch"
  >
  & { readonly seqs: readonly number[] };

/** The most that an error lists; the client asks again after sending those. */
const MAX_LISTED = 1_000;

/** Which parts of a manifest did not arrive: all counted, the first listed. */
export function missingParts(
  manifest: readonly ManifestEntry[],
  present: readonly PresentParts[],
): { readonly missing: readonly MissingPart[]; readonly count: number } {
  const arrived = new Map(
    present.map((place) => [keyOf(place), new Set(place.seqs)]),
  );
  const missing: MissingPart[] = [];
  let count = 0;
  for (const entry of manifest) {
    const seqs = arrived.get(keyOf(entry));
    for (let seq = 0; seq < entry.parts; seq++) {
      if (seqs?.has(seq)) continue;
      count++;
      if (missing.length < MAX_LISTED) {
        const { part_kind, split, inference_name, epoch } = entry;
        missing.push({ part_kind, split, inference_name, epoch, seq });
      }
    }
  }
  return { missing, count };
}

function keyOf(place: Omit<MissingPart, "seq">): string {
  return JSON.stringify([
    place.part_kind,
    place.split,
    place.inference_name,
    place.epoch,
  ]);
}
