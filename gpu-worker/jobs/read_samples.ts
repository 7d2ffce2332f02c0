import { compileMetadataSchema } from "@shared/schemas/metadata_schema.ts";
import type { Split } from "@shared/types/part.ts";
import type { Problems } from "../codecs/problems.ts";
import type { RowTable } from "../codecs/row_table.ts";
import { type SampleRow, sampleRows } from "../codecs/sample_row.ts";
import type { SampleSource } from "../codecs/signals_file.ts";
import { SIGNATURE_LENGTH, textSignature } from "../signals/text_signature.ts";
import type { PartRow, RunRow } from "../store/run_store.ts";
import type { StoredSample } from "../store/sample_store.ts";
import { type Contents, previewOf } from "./contents.ts";

const SPLITS: readonly Split[] = ["training", "validation", "test"];

/** Hands the rows of a part to `use`; a part that is damaged, as a whole or where a row is read, is noted. */
export type ReadPart = (
  part: PartRow,
  use: (rows: RowTable) => void,
) => Promise<void>;

/** Samples of one split while its parts are read, by id. */
export interface SplitSamples {
  readonly rows: StoredSample[];
  readonly source: SampleSource;
  readonly signatures: Uint32Array<ArrayBuffer>;
  readonly hasContent: boolean[];
  readonly hasText: boolean;
  readonly rowOf: Map<string, number>;
}

/** What is kept of a sample: neither its text nor its image. */
interface KeptSample {
  readonly id: string;
  readonly label: number;
  readonly metadata: Record<string, unknown>;
  readonly contentHash: Uint8Array;
  readonly hasContent: boolean;
  readonly textPreview: string | null;
  readonly signature: Uint32Array;
  readonly place: number;
  readonly part: number;
  readonly row: number;
  readonly image: "bytes" | "uri" | null;
  readonly hasFeatures: boolean;
}

/**
 * Samples of each split that has any, one part in memory at a time. The first row of an id counts.
 *
 * @param run Whose rules hold.
 * @param parts Parts of the run, in order.
 * @param read Reads a part.
 * @param problems Where unusable rows are noted.
 * @param contents Where long texts are kept.
 */
export async function readSamples(
  run: RunRow,
  parts: readonly PartRow[],
  read: ReadPart,
  problems: Problems,
  contents: Contents,
): Promise<[Split, SplitSamples][]> {
  const rules = {
    labelNames: run.labelNames,
    checkMetadata: run.metadataSchema &&
      compileMetadataSchema(run.metadataSchema),
  };
  const found: [Split, SplitSamples][] = [];
  for (const split of SPLITS) {
    const ownParts = parts.filter((p) =>
      p.partKind === "samples" && p.split === split
    );
    const byId = new Map<string, KeptSample>();
    for (const [i, part] of ownParts.entries()) {
      await read(part, (table) => {
        for (const row of sampleRows(table, part.partId, rules, problems)) {
          const known = byId.get(row.id);
          if (!known) byId.set(row.id, keep(row, i, contents));
          else if (!isSame(known, row)) {
            problems.add(
              part.partId,
              null,
              "id",
              `an id stands for one sample of split ${split}, with one label; the first row counts`,
              row.id,
            );
          }
        }
      });
    }
    if (byId.size === 0) continue;
    const kept = [...byId.values()].sort((a, b) => a.id < b.id ? -1 : 1);
    found.push([split, splitSamples(split, kept, ownParts, contents)]);
  }
  return found;
}

function keep(row: SampleRow, part: number, contents: Contents): KeptSample {
  const { text, image } = row;
  return {
    id: row.id,
    label: row.label,
    metadata: row.metadata,
    contentHash: row.contentHash,
    hasContent: row.hasContent,
    textPreview: text === null ? null : previewOf(text),
    signature: textSignature(text ?? ""),
    place: text === null ? -1 : contents.add(text),
    part,
    row: row.row,
    image: image === null ? null : typeof image === "string" ? "uri" : "bytes",
    hasFeatures: row.features !== null,
  };
}

function splitSamples(
  split: Split,
  kept: readonly KeptSample[],
  parts: readonly PartRow[],
  contents: Contents,
): SplitSamples {
  const signatures = new Uint32Array(kept.length * SIGNATURE_LENGTH);
  kept.forEach((s, i) => signatures.set(s.signature, i * SIGNATURE_LENGTH));
  const count = (is: (sample: KeptSample) => boolean) => kept.filter(is).length;
  const counts = {
    texts: count((s) => s.textPreview !== null),
    images: count((s) => s.image === "bytes"),
    imageUris: count((s) => s.image === "uri"),
    features: count((s) => s.hasFeatures),
  };
  return {
    rows: kept.map((s) => ({
      id: s.id,
      split,
      label: s.label,
      contentHash: s.contentHash,
      textPreview: s.textPreview,
      metadata: s.metadata,
      content: contents.placeOf(s.place),
    })),
    source: {
      parts: parts.map((p) => p.partId),
      partOf: Int32Array.from(kept, (s) => s.part),
      rowOf: Int32Array.from(kept, (s) => s.row),
      counts,
    },
    signatures,
    hasContent: kept.map((s) => s.hasContent),
    hasText: counts.texts > 0,
    rowOf: new Map(kept.map((s, i) => [s.id, i])),
  };
}

function isSame(a: KeptSample, b: SampleRow): boolean {
  return a.label === b.label &&
    a.contentHash.every((byte, i) => byte === b.contentHash[i]);
}
