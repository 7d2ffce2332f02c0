import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { type Part, World } from "./testing/world.ts";

const IDS = Array.from({ length: 12 }, (_, i) => `${i}`);

function labelled(i: number): string {
  return i % 2 === 0 ? "spam" : "ham";
}

function outputs(ids: readonly string[], epoch = 0): object[] {
  return ids.map((id, i) => ({
    id,
    logits: i % 2 === 0 ? [-epoch, 2] : [2, -epoch],
  }));
}

for (const engine of testEngines()) {
  Deno.test(`score_run takes rows that databases choke on (${engine.name})`, async (t) => {
    const world = await World.create(engine);
    try {
      await t.step(
        "one id in two splits, with the same content or with none",
        async () => {
          for (const text of [undefined, "the same words"]) {
            const rows = IDS.map((id, i) => ({ id, label: labelled(i), text }));
            const parts = ["training", "test"].flatMap((split): Part[] => [
              {
                kind: "samples",
                split,
                rows: rows.map((row) => ({ ...row, seen: split })),
              },
              { kind: "outputs", split, rows: outputs(IDS) },
            ]);
            const { rows: found, problems } = await world.score(parts);
            assert.deepEqual(problems, []);
            assert.equal(found.length, 2 * IDS.length);
            for (const split of ["training", "test"]) {
              const ids = found.filter((r) => r.split === split).map((r) =>
                r.sample_id
              );
              assert.deepEqual(ids.sort(), [...IDS].sort());
            }
          }
        },
      );

      await t.step(
        "NUL bytes and halves of characters, in ids, texts, metadata and what problems quote",
        async () => {
          const [nul, half] = ["a\0b", "a\ud800b"];
          const rows: object[] = IDS.map((id, i) => ({
            id,
            label: labelled(i),
            text: `${nul} ${half} ${i}`,
            [nul]: 1,
            [half]: 2,
            nested: { [nul]: [nul, { [half]: half }], n: 1e400 },
          }));
          rows.push({ id: nul, label: 0 }, { id: half, label: 0 }, {
            id: "x",
            label: nul,
          }, { id: "y", label: half });
          const { rows: found, problems } = await world.score([
            { kind: "samples", rows },
            {
              kind: "outputs",
              rows: [...outputs(IDS), { id: nul, logits: [1, 2] }, {
                id: half,
                logits: [1, 2],
              }],
            },
          ]);
          assert.equal(found.length, IDS.length);
          const sum = problems.reduce((n, [, rows]) => n + rows, 0);
          assert.equal(sum, 6, JSON.stringify(problems));
        },
      );

      await t.step(
        "a problem of every row, each with another value, is one entry",
        async () => {
          const bad = IDS.map((id, i) => ({ id, probs: [0.5, 0.1 + i / 100] }));
          const { problems } = await world.score([
            {
              kind: "samples",
              rows: IDS.map((id, i) => ({ id, label: labelled(i) })),
            },
            { kind: "outputs", rows: bad },
            { kind: "outputs", rows: outputs(IDS), epoch: 1 },
          ]);
          assert.equal(problems.length, 1);
          const [message, n] = problems[0]!;
          assert.equal(n, IDS.length);
          assert.match(
            message,
            /row 0, column "probs", as probabilities must sum to 1 within 0\.02: current value is 0\.6$/,
          );
        },
      );

      await t.step(
        "an embedding for some rows only: the others count without",
        async () => {
          const some = outputs(IDS).map((row, i) => ({
            ...row,
            embedding: i < 3 ? null : [i % 2, 1],
          }));
          const { rows: found, problems, summary } = await world.score([
            {
              kind: "samples",
              rows: IDS.map((id, i) => ({ id, label: labelled(i) })),
            },
            { kind: "outputs", rows: some },
          ]);
          assert.deepEqual(problems, []);
          assert.equal(found.length, IDS.length);
          assert.equal(summary.n_epochs, 1);
        },
      );
    } finally {
      await world.drop();
    }
  });
}
