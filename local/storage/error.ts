/** Client errors: Storage answers HTTP 400 to nearly all of them and says the real status in the body. */
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
  InvalidJWT: ["403", "Unauthorized", "Invalid Compact JWS"],
  EntityTooLarge: [
    "413",
    "Payload too large",
    "The object exceeded the maximum allowed size",
  ],
  InvalidMimeType: ["415", "invalid_mime_type", "mime type is not supported"],
  InvalidKey: ["400", "InvalidKey", "Invalid key"],
  InvalidBucketName: ["400", "Invalid Input", "Bucket name invalid"],
  InvalidRange: ["416", "InvalidRange", "The range cannot be satisfied"],
  InvalidRequest: ["400", "invalid_request", "Invalid request"],
} as const;

/** One of the codes Storage answers with. */
export type StorageErrorCode = keyof typeof ERRORS;

/** An answer other than success. */
export class StorageError extends Error {
  /** Body of the answer. */
  readonly body: {
    readonly statusCode: string;
    readonly error: string;
    readonly message: string;
    readonly code: StorageErrorCode;
  };

  /** Makes one; `message` where the usual one does not do. */
  constructor(code: StorageErrorCode, message: string = ERRORS[code][2]) {
    super(message);
    const [statusCode, error] = ERRORS[code];
    this.body = { statusCode, error, message, code };
  }
}
