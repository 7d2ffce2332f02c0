// deno-lint-ignore-file camelcase
/** What a part's rows are: the dataset itself, or what the model said about it. */
export type PartKind = "samples" | "outputs";

/** Which portion of a dataset rows belong to. */
export type Split = "training" | "validation" | "test" | "inference";

/** Whether the model had trained on the rows it gave outputs for. */
export type PredictionKind = "in_sample" | "out_of_sample";

/** Envelope of one part: the query string and headers of `POST /runs/{id}/parts`. The body is never parsed at the edge. */
export interface PartEnvelope {
  /** What the rows are. */
  readonly part_kind: PartKind;
  /** Portion of the dataset. */
  readonly split: Split;
  /** Name of the production window; only with split `inference`, else empty. */
  readonly inference_name: string;
  /** Epoch the outputs were taken in, from 0; 0 for samples. */
  readonly epoch: number;
  /** Which of the run's processes sends; default "0". */
  readonly writer: string;
  /** Restart count of the writer; the highest finished one counts. */
  readonly generation: number;
  /** Position of the part among those of one (writer, generation, kind, split, inference name, epoch), from 0. */
  readonly seq: number;
  /** Outputs only; default `in_sample` for split training, else `out_of_sample`. */
  readonly prediction_kind: PredictionKind | null;
  /** Caller's key: the same key and bytes give the same answer. */
  readonly idempotency_key: string;
  /** Media type without parameters. */
  readonly content_type: string;
  /** `gzip` or `identity`. */
  readonly content_encoding: string;
}

/** Answer to an accepted part. */
export interface PartReceipt {
  /** Row in `parts`. */
  readonly part_id: string;
  /** Run it belongs to. */
  readonly run_id: string;
  /** Bytes as received. */
  readonly size_bytes: number;
  /** Hex SHA-256 of the bytes as received. */
  readonly sha256: string;
}

/**
 * Body of `POST /runs/{id}/parts/sign` and of `POST /runs/{id}/parts/{part_id}/complete`: what is said of bytes that go straight to Storage.
 * The query and the header `Idempotency-Key` are those of `POST /runs/{id}/parts`.
 */
export interface PartAnnouncement {
  /** Media type of the bytes. */
  readonly content_type: string;
  /** `gzip` or `identity`; the bytes lie in Storage as they are sent, so `gzip` means that they are compressed. */
  readonly content_encoding: string;
  /** Number of the bytes. */
  readonly size_bytes: number;
  /** Their SHA-256 in hex. */
  readonly sha256: string;
}

/** Where to put the bytes of a part: answer of `POST /runs/{id}/parts/sign`. Send them with PUT to `upload_url`, then complete the part. */
export interface PartUpload {
  /** The part, once it is completed. */
  readonly part_id: string;
  /** Run it will belong to. */
  readonly run_id: string;
  /** Bucket of Storage. */
  readonly bucket: string;
  /** Path within the bucket. */
  readonly path: string;
  /** Takes the bytes by PUT, once, from whoever knows it. */
  readonly upload_url: string;
  /** The token in `upload_url`, for clients of Storage. */
  readonly token: string;
  /** When the upload must have begun, ISO 8601. */
  readonly expires_at: string;
}

/** Parts and rows a writer says it sent for one (kind, split, inference name, epoch). */
export interface ManifestEntry {
  /** What the rows are. */
  readonly part_kind: PartKind;
  /** Portion of the dataset. */
  readonly split: Split;
  /** Name of the production window, else empty. */
  readonly inference_name: string;
  /** Epoch, from 0; 0 for samples. */
  readonly epoch: number;
  /** Number of parts; their `seq` are 0..parts-1. */
  readonly parts: number;
  /** Number of rows in them, checked by the worker. */
  readonly rows: number;
}

/** Body of `POST /runs/{id}/finish`, one per writer. */
export interface FinishRequest {
  /** Which of the run's processes finishes. */
  readonly writer: string;
  /** Generation whose parts count. */
  readonly generation: number;
  /** What was sent; null: take what is there. */
  readonly manifest: readonly ManifestEntry[] | null;
  /** Closes the run with what is there, for every writer, after Ctrl-C or a lost rank. */
  readonly incomplete: boolean;
}

/** Answer of `POST /runs/{id}/finish`. */
export interface FinishReceipt {
  /** The run. */
  readonly run_id: string;
  /** `open` while other writers have not finished. */
  readonly state: "open" | "closed";
  /** Job that scores the run; null while open. */
  readonly job_id: string | null;
  /** Writers that have not finished yet. */
  readonly writers_missing: number;
}
