import type { Matrix } from "../kernels/matrix.ts";

/** One way of seeing samples that no training on their given labels has shaped: columns of a table, or what an encoder says of texts or images. */
export interface FeatureView {
  /** What it is, such as `columns`, `tfidf`, `tokens`, `sentence`, `image`. */
  readonly name: string;
  /** One row a sample, as the encoder gave it, neither centred nor scaled; a row without a finite number: nothing is known of that sample, (n, width). */
  readonly features: Matrix;
}
