/** Arrays one after the other, as float64. */
export function concatFloat64(
  parts: readonly ArrayLike<number>[],
): Float64Array {
  const out = new Float64Array(parts.reduce((n, p) => n + p.length, 0));
  copy(parts, out);
  return out;
}

/** Arrays one after the other, as float32. */
export function concatFloat32(
  parts: readonly ArrayLike<number>[],
): Float32Array {
  const out = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  copy(parts, out);
  return out;
}

/** Arrays one after the other, as int32. */
export function concatInt32(parts: readonly ArrayLike<number>[]): Int32Array {
  const out = new Int32Array(parts.reduce((n, p) => n + p.length, 0));
  copy(parts, out);
  return out;
}

function copy(
  parts: readonly ArrayLike<number>[],
  out: Float32Array | Float64Array | Int32Array,
): void {
  let start = 0;
  for (const part of parts) {
    out.set(part, start);
    start += part.length;
  }
}
