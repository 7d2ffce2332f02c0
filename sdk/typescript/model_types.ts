// deno-lint-ignore-file camelcase
/** An ONNX model: its bytes, or what has them. A text is a path, where there are files. */
export type ModelSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** How an image becomes numbers: `(pixel * valueRange / 255 - mean) / std`, channel by channel, RGB. */
export interface ImagePreprocessing {
  /** Pixels, 1 to 2048. */
  readonly width: number;
  /** Pixels, 1 to 2048. */
  readonly height: number;
  /** Order of the dimensions: `nchw` (n, 3, height, width), the default, or `nhwc` (n, height, width, 3). */
  readonly layout?: "nchw" | "nhwc";
  /** Largest value of a pixel before mean and std; default 1. */
  readonly valueRange?: 1 | 255;
  /** Taken off, a number a channel; default 0, 0, 0. */
  readonly mean?: readonly [number, number, number];
  /** Divided by, a number a channel; default 1, 1, 1. */
  readonly std?: readonly [number, number, number];
  /** `fill`, the default, stretches to width and height; `cover` keeps the shape and cuts what stands over. */
  readonly fit?: "fill" | "cover";
}

/** What a model is. */
export interface ModelDescription {
  /** `features`: float (n, d); `image`: float (n, 3, height, width) or (n, height, width, 3); `text`: string (n) or (n, 1). */
  readonly inputKind: "features" | "image" | "text";
  /** Its classes in the order of its outputs; those of the run, in any order. Numbers are told as text. */
  readonly classNames: readonly (string | number | boolean)[];
  /** Default the file's name without its ending, else `model`. */
  readonly name?: string | undefined;
  /** Of images, which need it. */
  readonly preprocessing?: ImagePreprocessing | undefined;
  /** Name of its input; checked, where it is given. */
  readonly inputName?: string | undefined;
  /** Names of its outputs: logits or probs, (n, n_classes), and an embedding, (n, width); default found by name and shape. */
  readonly outputs?: {
    readonly logits?: string | null;
    readonly probs?: string | null;
    readonly embedding?: string | null;
  };
}

/** How much of a model has arrived. */
export interface UploadProgress {
  /** Bytes that the server has. */
  readonly sentBytes: number;
  /** Bytes of the model. */
  readonly sizeBytes: number;
}

/** What a model is, and where it goes. */
export interface ModelOptions extends ModelDescription {
  /** Project id; default the key's. */
  readonly projectId?: string;
  /** Id of the model, a UUID; default a new one. With the same id the same call, made again later, makes no second model. */
  readonly modelId?: string;
  /** Called at the start, and whenever more has arrived. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Ends it at once, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Base URL of the server; default `ASSAY_URL`, else a server on this machine. */
  readonly url?: string;
  /** API key, of scope `admin`; default `ASSAY_API_KEY`, else that of the server on this machine. */
  readonly apiKey?: string;
}

/** A stored model: `rescore()` takes it as `modelId`. */
export interface Model {
  /** The model. */
  readonly model_id: string;
  /** Project it belongs to. */
  readonly project_id: string;
  /** What people call it. */
  readonly name: string;
  /** Its classes, in the order of its outputs. */
  readonly class_names: readonly string[];
  /** Of its file. */
  readonly size_bytes: number;
  /** Of its file, in hex. */
  readonly sha256: string;
}
