/** A step at several sizes, by Assay and by a peer. */
export interface SpeedPlan {
  /** Name in `STEPS`. */
  readonly step: string;
  /** What `speed_inputs.py` makes for it. */
  readonly inputs: string;
  /** What `peer_speed.py` calls the peer's form of it; null: no peer does this. */
  readonly peerStep: string | null;
  /** Name of the peer. */
  readonly peer: "cleanlab" | "datalab";
  /** Rows, ascending; the last is the one that is talked about. */
  readonly sizes: readonly number[];
  /** Case at a size, as in `label_issues_1m_10`. */
  caseOf(size: string): string;
  /** Times it is run; default 3. */
  readonly turns?: number;
  /** Threads of each side. */
  readonly threads: number;
  /** What its answers are checked by. */
  readonly check: "flags" | "values" | "neighbours" | "issues" | null;
}

/** All steps that are measured. */
export const PLANS: readonly SpeedPlan[] = [
  {
    step: "label_issues_10",
    inputs: "label_issues_10",
    peerStep: "label_issues_10",
    peer: "cleanlab",
    sizes: [62_500, 250_000, 1_000_000],
    caseOf: (size) => `label_issues_${size}_10`,
    threads: 1,
    check: "flags",
  },
  {
    step: "label_issues_1000",
    inputs: "label_issues_1000",
    peerStep: "label_issues_1000",
    peer: "cleanlab",
    sizes: [12_500, 25_000, 50_000],
    caseOf: (size) => `label_issues_${size}_1000`,
    threads: 1,
    check: "flags",
  },
  {
    step: "knn_shapley",
    inputs: "knn_shapley",
    peerStep: "knn_shapley",
    peer: "cleanlab",
    sizes: [2_500, 5_000, 10_000],
    caseOf: (size) => `knn_shapley_${size}`,
    threads: 1,
    check: "values",
  },
  {
    step: "knn_graph_exact",
    inputs: "knn_graph",
    peerStep: "knn_graph",
    peer: "datalab",
    sizes: [5_000, 10_000, 20_000],
    caseOf: (size) => `knn_graph_${size}_256_exact`,
    threads: 1,
    check: "neighbours",
  },
  {
    step: "knn_graph_approximate",
    inputs: "knn_graph",
    peerStep: "knn_graph",
    peer: "datalab",
    sizes: [5_000, 10_000, 20_000],
    caseOf: (size) => `knn_graph_${size}_256_approximate`,
    threads: 1,
    check: "neighbours",
  },
  {
    step: "knn_graph_product",
    inputs: "knn_graph",
    peerStep: null,
    peer: "datalab",
    sizes: [20_000],
    turns: 1, // it takes turns itself
    caseOf: (size) => `knn_graph_${size}_256_product`,
    threads: 1,
    check: null,
  },
  {
    step: "fold",
    inputs: "fold",
    peerStep: null,
    peer: "datalab",
    sizes: [12_500, 25_000, 50_000],
    caseOf: (size) => `fold_${size}_10_of_10_epochs`,
    threads: 1,
    check: null,
  },
  {
    step: "score_run",
    inputs: "score_run",
    peerStep: "score_run",
    peer: "datalab",
    sizes: [12_500, 25_000, 50_000],
    caseOf: (size) => `score_run_${size}_10_256`,
    threads: 2,
    check: "issues",
  },
];

/** As in `1m`, `50k`, `62.5k`. */
export function shortSize(n: number): string {
  return n >= 1e6 ? `${n / 1e6}m` : `${n / 1e3}k`;
}

/** Exponent of growth: the slope of the least-squares line through the logarithms. */
export function slopeOf(
  sizes: readonly number[],
  values: readonly number[],
): number {
  const x = sizes.map(Math.log);
  const y = values.map(Math.log);
  const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / x.length;
  const [mx, my] = [mean(x), mean(y)];
  const top = x.reduce((sum, a, i) => sum + (a - mx) * (y[i]! - my), 0);
  return top / x.reduce((sum, a) => sum + (a - mx) ** 2, 0);
}
