import assert from "node:assert/strict";
import { confidentJoint } from "../kernels/confident_joint.ts";
import { probRows } from "../kernels/prob_rows.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { softmaxRows } from "../kernels/softmax_rows.ts";
import { jointOfRows } from "./joint_of_rows.ts";

Deno.test("jointOfRows() counts as confidentJoint() does, ties, unknown rows and absent classes too", () => {
  const random = seededRandom(3);
  const [rows, cols] = [200, 7];
  const probs = softmaxRows({
    data: Float32Array.from(
      { length: rows * cols },
      () => Math.round(4 * random()),
    ),
    rows,
    cols,
  });
  probs.data.fill(NaN, 5 * cols, 7 * cols);
  const labels = Int32Array.from(
    { length: rows },
    () => Math.floor(random() * cols) - 1, // the last class is never given
  );
  const expected = confidentJoint(probs, labels);
  assert.ok(expected.offDiagonalShare > 0);
  assert.deepEqual(jointOfRows(probRows(probs), labels), expected);
  assert.deepEqual(jointOfRows(probs, labels), expected);
});
