/**
 * Client errors: Storage answers HTTP 400 to nearly all of them and says the real status in the body. By name: status, `error`, message, and
 * `code` where it is not the name.
 */
const ERRORS = {
  BucketAlreadyExists: ["409", "Duplicate", "The resource already exists"],
  KeyAlreadyExists: ["409", "Duplicate", "The resource already exists"],
  NoSuchBucket: ["404", "Bucket not found", "Bucket not found"],
  NoSuchKey: ["404", "not_found", "Object not found"],
  AccessDenied: [
    "403",
    "Unauthorized",
    "new row violates row-level security policy",
  ],
  EntityTooLarge: [
    "413",
    "Payload too large",
    "The object exceeded the maximum allowed size",
  ],
  InvalidMimeType: ["415", "invalid_mime_type", "mime type is not supported"],
  InvalidKey: ["400", "InvalidKey", "Invalid key"],
  InvalidBucketName: ["400", "Invalid Input", "Bucket name invalid"],
  InvalidRange: ["400", "invalid_range", "invalid range provided"],
  InvalidRequest: ["400", "InvalidRequest", "Invalid Request"],
  InvalidParameter: ["400", "InvalidParameter", "Invalid Parameter"],
  InvalidJWT: ["400", "InvalidJWT", "Invalid JWT"],
  InvalidSignature: ["400", "InvalidSignature", "Invalid signature"],
  InvalidUploadId: ["400", "InvalidUploadId", "Invalid upload id"],
  ResourceNotEmpty: [
    "409",
    "ResourceNotEmpty",
    "The bucket you tried to delete is not empty",
  ],
  BadBody: ["400", "Error", "body is not valid", "InvalidRequest"],
  NoSuchRelation: [
    "404",
    "InvalidRequest",
    "The related resource does not exist",
    "InvalidRequest",
  ],
} as const satisfies Record<
  string,
  readonly [string, string, string] | readonly [string, string, string, string]
>;

/** One of the answers Storage gives. */
export type StorageErrorName = keyof typeof ERRORS;

/** An answer other than success. */
export class StorageError extends Error {
  /** Which of the answers. */
  readonly kind: StorageErrorName;
  /** Body of the answer. */
  readonly body: {
    readonly statusCode: string;
    readonly error: string;
    readonly message: string;
    readonly code: string;
  };

  /** Makes one; `message` where the usual one does not do. */
  constructor(kind: StorageErrorName, message: string = ERRORS[kind][2]) {
    super(message);
    const [statusCode, error, , code = kind] = ERRORS[kind];
    this.kind = kind;
    this.body = { statusCode, error, message, code };
  }
}
