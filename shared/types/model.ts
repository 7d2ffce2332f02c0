// deno-lint-ignore-file camelcase
/** What a stored model takes of a sample. */
export type ModelInputKind = "features" | "image" | "text";

/** How an image becomes numbers: `(pixel * value_range / 255 - mean) / std`, channel by channel, RGB. */
export interface ImagePreprocessing {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Order of the dimensions: `nchw` (n, 3, height, width) or `nhwc` (n, height, width, 3). */
  readonly layout: "nchw" | "nhwc";
  /** Largest value of a pixel before mean and std: 1 or 255. */
  readonly value_range: number;
  /** Taken off, a number a channel. */
  readonly mean: readonly number[];
  /** Divided by, a number a channel. */
  readonly std: readonly number[];
  /** `fill` stretches to width and height; `cover` keeps the shape and cuts what stands over. */
  readonly fit: "fill" | "cover";
}

/** Names of the model's outputs; null: found by name and shape. */
export interface ModelOutputs {
  /** Logits, (n, n_classes). */
  readonly logits: string | null;
  /** Probabilities, (n, n_classes). */
  readonly probs: string | null;
  /** Embeddings, (n, width). */
  readonly embedding: string | null;
}

/** Body of `PUT /models/{model_id}`: what a model is. Its bytes follow. */
export interface ModelRequest {
  /** Project it belongs to. */
  readonly project_id: string;
  /** What people call it. */
  readonly name: string;
  /** What it takes. */
  readonly input_kind: ModelInputKind;
  /** Name of its input; null: it has one. */
  readonly input_name: string | null;
  /** How images become numbers; null for other inputs. */
  readonly preprocessing: ImagePreprocessing | null;
  /** Names of its classes, in the order of its outputs. */
  readonly class_names: readonly string[];
  /** Names of its outputs. */
  readonly outputs: ModelOutputs;
}

/** A stored model, as its project's members see it. */
export interface StoredModel extends ModelRequest {
  /** The model; the client makes the id. */
  readonly model_id: string;
  /** `pending` until its bytes are there. */
  readonly state: "pending" | "ready";
  /** Bytes; null while pending. */
  readonly size_bytes: number | null;
  /** Their SHA-256 in hex; null while pending. */
  readonly sha256: string | null;
  /** Who made it; null: a key. */
  readonly created_by: string | null;
  /** ISO 8601. */
  readonly created_at: string;
}

/** A stored model in a list: there may be thousands of classes, so their names come with the model alone. */
export interface ListedModel extends Omit<StoredModel, "class_names"> {
  /** Number of its classes. */
  readonly n_classes: number;
}

/** Body of `POST /models/{model_id}/sign` and `POST /models/{model_id}/complete`: what is said of bytes that go straight to Storage. */
export interface ModelAnnouncement {
  /** Number of the bytes. */
  readonly size_bytes: number;
  /** Their SHA-256 in hex. */
  readonly sha256: string;
}

/** Where to put the bytes of a model: answer of `POST /models/{model_id}/sign`. */
export interface ModelUpload {
  /** The model. */
  readonly model_id: string;
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
