import { compileMetadataSchema } from "@shared/schemas/metadata_schema.ts";
import type { Split } from "@shared/types/part.ts";
import type { Problems } from "../codecs/problems.ts";
import type { RowTable } from "../codecs/row_table.ts";
import {
  type SampleRow,
  sampleRows,
  type SampleRules,
} from "../codecs/sample_row.ts";
import type { SampleSource } from "../codecs/signals_file.ts";
import type { ContentFacts } from "../signals/content_facts.ts";
import {
  factColumns,
  type SampleFacts,
  sampleFacts,
} from "../signals/sample_facts.ts";
import { SIGNATURE_LENGTH, textSignature } from "../signals/text_signature.ts";
import type { PartRow, RunRow } from "../store/run_store.ts";
import type { StoredSample } from "../store/sample_store.ts";
import { type Contents, previewOf } from "./contents.ts";

/** Samples of one split while its parts are read, by id. */
export interface SplitSamples {
  readonly rows: StoredSample[];
  readonly source: SampleSource;
  readonly signatures: Uint32Array<ArrayBuffer>;
  readonly facts: ContentFacts;
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
  readonly facts: SampleFacts;
  readonly place: number;
  readonly part: number;
  readonly row: number;
  readonly image: "bytes" | "uri" | null;
  readonly hasFeatures: boolean;
}

interface OpenSplit {
  readonly parts: PartRow[];
  readonly byId: Map<string, KeptSample>;
}

/** Samples while they are read, one part in memory at a time. The first row of an id counts. */
export class SampleReader {
  readonly #rules: SampleRules;
  readonly #problems: Problems;
  readonly #contents: Contents;
  readonly #open = new Map<Split, OpenSplit>();

  /**
   * @param run Whose rules hold.
   * @param problems Where unusable rows are noted.
   * @param contents Where long texts are kept.
   */
  constructor(run: RunRow, problems: Problems, contents: Contents) {
    this.#rules = {
      labelNames: run.labelNames,
      checkMetadata: run.metadataSchema &&
        compileMetadataSchema(run.metadataSchema),
    };
    this.#problems = problems;
    this.#contents = contents;
  }

  /** Notes a part, whether it can be read or not. */
  open(part: PartRow): void {
    const fresh: OpenSplit = { parts: [], byId: new Map() };
    const split = this.#open.get(part.split) ?? fresh;
    this.#open.set(part.split, split);
    split.parts.push(part);
  }

  /** Takes the rows of the part that was opened last. */
  add({ partId, split }: PartRow, table: RowTable): void {
    const { byId, parts } = this.#open.get(split)!;
    for (const row of sampleRows(table, partId, this.#rules, this.#problems)) {
      const known = byId.get(row.id);
      if (!known) {
        byId.set(row.id, keep(row, parts.length - 1, this.#contents));
      } else if (!isSame(known, row)) {
        this.#problems.add(
          partId,
          row.row,
          "id",
          `an id stands for one sample of split ${split}, with one label; the first row counts`,
          row.id,
        );
      }
    }
  }

  /** Samples of each split that has any, by id, in the order the splits were opened. */
  close(): [Split, SplitSamples][] {
    return Array.from(this.#open).filter(([, { byId }]) => byId.size > 0).map((
      [split, { parts, byId }],
    ) => {
      const kept = [...byId.values()].sort((a, b) => a.id < b.id ? -1 : 1);
      return [split, splitSamples(split, kept, parts, this.#contents)];
    });
  }
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
    facts: sampleFacts(row),
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
    facts: factColumns(kept.map((s) => s.facts), kept.map((s) => s.hasContent)),
    hasContent: kept.map((s) => s.hasContent),
    hasText: counts.texts > 0,
    rowOf: new Map(kept.map((s, i) => [s.id, i])),
  };
}

function isSame(a: KeptSample, b: SampleRow): boolean {
  return a.label === b.label &&
    a.contentHash.every((byte, i) => byte === b.contentHash[i]);
}
