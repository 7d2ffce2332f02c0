/**
 * Parts as bytes to rows. A new encoding is one file here and one line below.
 *
 * @module
 */
import { AppError } from "@shared/errors.ts";
import { decodeArrow } from "./arrow.ts";
import { inflate } from "./inflate.ts";
import { decodeJson, decodeNdjson } from "./json_rows.ts";
import type { RowTable } from "./row_table.ts";

const DECODERS: Readonly<
  Record<string, (bytes: Uint8Array<ArrayBuffer>) => RowTable>
> = {
  "application/vnd.apache.arrow.stream": decodeArrow,
  "application/x-ndjson": decodeNdjson,
  "application/json": decodeJson,
};

/**
 * Rows of a part.
 *
 * @param bytes As stored.
 * @param contentType Media type without parameters.
 * @param contentEncoding `identity` or `gzip`.
 * @throws {AppError} `unusable_input`, its message a rule the bytes break.
 */
export async function decodePart(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
  contentEncoding: string,
): Promise<RowTable> {
  const decode = DECODERS[contentType];
  if (!decode) {
    throw new AppError(
      "unusable_input",
      `its type must be one of ${Object.keys(DECODERS).join(", ")}`,
    );
  }
  return decode(await inflate(bytes, contentEncoding));
}
