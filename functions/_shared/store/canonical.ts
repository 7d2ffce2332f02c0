import { createHash } from "node:crypto";

/** SHA-256 of a JSON value, whatever the order of its keys. */
export function digestOf(value: unknown): Uint8Array {
  return new Uint8Array(
    createHash("sha256").update(JSON.stringify(sorted(value))).digest(),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map((
      [key, child],
    ) => [key, sorted(child)]),
  );
}

/** Whether two digests are the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
