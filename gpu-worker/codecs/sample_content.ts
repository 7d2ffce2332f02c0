import type { RowTable } from "./row_table.ts";

/** What a sample holds beside its label; null where it has none of a kind. */
export interface SampleContent {
  /** Its text. */
  readonly text: string | null;
  /** Its image: a file as bytes, or the URI of one. */
  readonly image: Uint8Array | string | null;
  /** Numbers of a table row, all finite. */
  readonly features: Float64Array | null;
}

/** Why the content of a row cannot be used. */
export interface RefusedContent {
  readonly column: "text" | "image" | "features";
  readonly rule: string;
  readonly value: unknown;
}

const DATA_URI_REGEXP = /^data:[^,]*;base64,/i;

/**
 * What a row of a samples part holds. An image as a base64 `data:` URI is its bytes.
 *
 * @param table Rows of the part.
 * @param row Which.
 * @returns The content, or the rule it breaks.
 */
export function sampleContent(
  table: RowTable,
  row: number,
): SampleContent | RefusedContent {
  const text = table.cell("text", row);
  if (text !== null && typeof text !== "string") {
    return { column: "text", rule: "a text must be a string", value: text };
  }
  const numbers = table.cell("features", row);
  const features = numbers === null ? null : finiteList(numbers);
  if (features === undefined) {
    const rule = "features must be a list of finite numbers";
    return { column: "features", rule, value: numbers };
  }
  const given = table.cell("image", row);
  const image = given === null ? null : imageOf(given);
  if (image === undefined) {
    const rule = "an image must be bytes, a URI, or a data URI in base64";
    return { column: "image", rule, value: given };
  }
  return { text, image, features };
}

function imageOf(value: unknown): Uint8Array | string | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "string") return undefined;
  if (!/^data:/i.test(value)) return value;
  const start = DATA_URI_REGEXP.exec(value)?.[0].length;
  if (start === undefined) return undefined;
  try {
    return Uint8Array.fromBase64(value.slice(start));
  } catch {
    return undefined;
  }
}

function finiteList(value: unknown): Float64Array | undefined {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return undefined;
  const list = value as ArrayLike<unknown>;
  const numbers = new Float64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const given = list[i];
    const number = typeof given === "bigint" ? Number(given) : given;
    if (typeof number !== "number" || !Number.isFinite(number)) {
      return undefined;
    }
    numbers[i] = number;
  }
  return numbers;
}
