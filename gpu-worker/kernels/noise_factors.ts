/**
 * `T[true, given] ** (1 / 4)`: the noise matrix, each row shrunk half-way to uniform, as far as margins trust it.
 *
 * A class that no sample looks like keeps its labels, as far as it is known. O(n_classes^2).
 *
 * @param joint Calibrated confident joint, by given and true label, (n_classes, n_classes).
 * @param cols Number of classes.
 * @returns Factors by given and true label, (n_classes, n_classes).
 */
export function noiseFactors(joint: Float64Array, cols: number): Float64Array {
  const sums = new Float64Array(cols);
  for (let j = 0; j < joint.length; j++) sums[j % cols]! += joint[j]!;
  const out = new Float64Array(cols * cols);
  for (let y = 0; y < cols; y++) {
    for (let k = 0; k < cols; k++) {
      const sum = sums[k]!;
      const share = sum > 0 ? joint[y * cols + k]! / sum : (y === k ? 1 : 0); // a class nobody looks like: no noise known
      out[y * cols + k] = Math.sqrt(Math.sqrt(share / 2 + 0.5 / cols));
    }
  }
  return out;
}
