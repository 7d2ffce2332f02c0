import type { KnnGraph } from "../graphs/knn_graph.ts";
import type { GraphName, KnownGraphs } from "./score_types.ts";

/** Graphs of one scoring: those it was given, and those it had to build. */
export class GraphShelf {
  readonly #known: KnownGraphs;
  readonly #used = new Map<GraphName, KnnGraph>();

  /**
   * Starts with what is known.
   *
   * @param known Graphs of an earlier scoring of the same samples.
   */
  constructor(known: KnownGraphs = new Map()) {
    this.#known = known;
  }

  /**
   * The graph of that name, built where it is not known.
   *
   * @param name What it joins.
   * @param nSamples Rows it must have.
   * @param build Makes it.
   * @throws {RangeError} If the known one has other rows.
   */
  async get(
    name: GraphName,
    nSamples: number,
    build: () => Promise<KnnGraph>,
  ): Promise<KnnGraph> {
    const known = this.#known.get(name);
    if (known && known.neighbours.length !== nSamples * known.k) {
      throw new RangeError(
        `Cannot score by graph "${name}" as it must have ${nSamples} rows: current value is ${
          known.neighbours.length / known.k
        }`,
      );
    }
    const graph = known ?? await build();
    this.#used.set(name, graph);
    return graph;
  }

  /** Every graph that was asked for. */
  get used(): KnownGraphs {
    return this.#used;
  }
}
