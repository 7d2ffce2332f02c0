import assert from "node:assert/strict";
import { evaluateFilter, type FilterColumns } from "@shared/filter/evaluate.ts";
import { parseSampleFilter } from "@shared/schemas/filter.ts";
import type { SampleFilter } from "@shared/types/filter.ts";
import { ISSUE_TYPES } from "@shared/types/issue.ts";
import { testEngines } from "@testing/postgres.ts";
import { mulberry32, type SeededRun, seedRun } from "../testing/seed.ts";
import { createWorld } from "../testing/world.ts";
import { createSampleStore } from "./sample_store.ts";

const N_FILTERS = 300;

for (const engine of testEngines()) {
  Deno.test(`filterSql() means the same samples as evaluateFilter() on ${engine.name}`, async () => {
    const world = await createWorld(engine);
    try {
      const run = await seedRun(world.admin, world.mine, 80);
      const samples = createSampleStore(world.edge.database);
      const caller = { kind: "person", userId: world.users.viewer! } as const;
      const columns = columnsOf(run);
      const random = mulberry32(11);
      let some = 0;
      for (let i = 0; i < N_FILTERS; i++) {
        const filter = parseSampleFilter(randomFilter(run, random));
        const mask = evaluateFilter(filter, columns);
        const expected = run.samples.filter((_, row) => mask[row] === 1)
          .map((sample) => sample.sample_id);
        const { rows } = await samples.list(caller, run.runId, {
          filter,
          sort: "rank",
          limit: 500,
          cursor: null,
          revision: null,
        });
        assert.deepEqual(
          rows.map((row) => row.sample_id),
          expected,
          JSON.stringify(filter),
        );
        if (expected.length > 0 && expected.length < run.samples.length) some++;
      }
      assert.ok(
        some > N_FILTERS / 4,
        `only ${some} filters told samples apart`,
      );
    } finally {
      await world.stop();
    }
  });
}

function columnsOf({ samples, labels }: SeededRun): FilterColumns {
  const name = (index: number | null) => index === null ? null : labels[index]!;
  return {
    length: samples.length,
    ids: samples.map((s) => s.sample_id),
    splits: samples.map((s) => s.split),
    givenLabels: samples.map((s) => name(s.given)),
    predictedLabels: samples.map((s) => name(s.predicted)),
    suggestedLabels: samples.map((s) => name(s.suggested)),
    issueTypes: samples.map((s) => s.issue_types),
    scores: {
      mislabeled_score: Float32Array.from(
        samples,
        (s) => s.mislabeled_score ?? NaN,
      ),
      data_error_potential: samples.map((s) => s.data_error_potential),
      hardness: samples.map((s) => s.hardness),
    },
    verdicts: samples.map((s) => s.verdict === "clear" ? null : s.verdict),
    metadata: samples.map((s) => s.metadata),
    texts: samples.map((s) => s.text_preview),
  };
}

/** A filter of one to three conditions, with values that occur and values that do not. */
function randomFilter(run: SeededRun, random: () => number): SampleFilter {
  const pick = <T>(values: readonly T[]) =>
    values[Math.floor(random() * values.length)]!;
  const few = <T>(values: readonly T[]) =>
    Array.from({ length: Math.floor(random() * 4) }, () => pick(values));
  const labels = [...run.labels, "HAM", null];
  const ends = [0.1, 0.3, 0.30000001, 0.5, 0.69, 1, 1e300, -1];
  const range = () => ({
    ...(random() < 0.7 ? { min: pick(ends) } : {}),
    ...(random() < 0.7 ? { max: pick(ends) } : {}),
  });
  const conditions: (() => SampleFilter)[] = [
    () => ({ ids: few([...run.samples.map((s) => s.sample_id), "none"]) }),
    () => ({ splits: few(["training", "validation", "test", "inference"]) }),
    () => ({ given_labels: few(labels) }),
    () => ({ predicted_labels: few(labels) }),
    () => ({ suggested_labels: few(labels) }),
    () => ({ issue_types: few([...ISSUE_TYPES, "clean"]) }),
    () => ({
      scores: { mislabeled_score: range(), hardness: range() },
    }),
    () => ({ scores: { data_error_potential: range() } }),
    () => ({
      verdicts: few(["keep", "relabel", "drop", "needs_review", "none"]),
    }),
    () => ({
      metadata: {
        [
          pick([
            "folder",
            "source",
            "o'dd\"key",
            "missing",
            "constructor",
            "toString",
          ])
        ]: {
          in: few([
            0,
            1,
            1.5,
            1e21,
            0.1,
            "web",
            "1",
            "true",
            "",
            "ü",
            true,
            false,
            null,
          ]),
        },
      },
    }),
    () => ({
      metadata: {
        [pick(["folder", "source", "missing"])]: pick([
          {},
          { min: 0 },
          { max: 1 },
          { min: 0.1, max: 1.5 },
          { min: 1e21 },
        ]),
      },
    }),
    () => ({
      text: pick([
        "buy",
        "BUY now",
        "%",
        "_",
        "\\",
        "ü",
        "Ü",
        "MÜNCHEN",
        "i",
        "';",
        "S-1",
        "a",
        "İ",
      ]),
    }),
  ];
  return Object.assign(
    {},
    ...Array.from(
      { length: 1 + Math.floor(random() * 3) },
      () => pick(conditions)(),
    ),
  );
}
