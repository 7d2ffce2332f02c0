import assert from "node:assert/strict";
import { join } from "node:path";
import { startPlatform } from "@testing/platform.ts";
import { AssayError, audit, rescore, startRun, uploadModel } from "./mod.ts";
import { sha256Of } from "./model_bytes.ts";
import { knowingModel } from "@testing/knowing_model.ts";
import { readmeBlocks, runBlock } from "./testing/readme.ts";

const N = 240;
const NAMES = ["ham", "spam"];
const samples = Array.from({ length: N }, (_, i) => {
  const truth = i % 2;
  return {
    id: `mail-${i}`,
    truth: NAMES[truth]!,
    given: NAMES[i % 8 === 0 ? 1 - truth : truth]!, // every eighth is wrong
    text: `Mail number ${i}, ${["lunch on Friday", "cheap pills"][truth]}`,
    spam: truth,
  };
});
const truth = Object.fromEntries(samples.map((each) => [each.id, each.truth]));
const nWrong = samples.filter((each) => each.given !== each.truth).length;
const knowledge = Object.fromEntries(
  samples.map(({ text, spam }) => [text, spam ? 0.9 : 0.1]),
);

/** What the README's blocks are said to have, as TypeScript. */
const DATA = `
const samples = ${JSON.stringify(samples)};
const ids = samples.map((each) => each.id);
const labels = samples.map((each) => each.given);
const texts = samples.map((each) => each.text);
const folder = samples.map((_, i) => "f" + i % 3);
const epochs = 2;
const logits = Float32Array.from(samples.flatMap(({ spam }) => spam ? [-1, 1] : [1, -1]));
const embeddings = Float32Array.from(samples.flatMap(({ spam }, i) => [spam, i % 5, i % 7]));
`;

/** Cuts the line once, in the middle of a piece: the server gets half of it. */
function cutOnce(): { readonly isCut: () => boolean; stop(): void } {
  const usual = globalThis.fetch;
  let isCut = false;
  globalThis.fetch = async (input, init) => {
    const body = init?.body;
    const isPiece = init?.method === "PATCH" && body instanceof Uint8Array;
    if (!isPiece || isCut) return await usual(input, init);
    isCut = true;
    let half: Uint8Array | null = body.subarray(0, body.length >> 1);
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (half) controller.enqueue(half);
        else {
          await new Promise((resolve) => setTimeout(resolve, 500)); // it arrives
          controller.error(new TypeError("the line is cut"));
        }
        half = null;
      },
    });
    return await usual(input, { ...init, body: stream });
  };
  return { isCut: () => isCut, stop: () => void (globalThis.fetch = usual) };
}

Deno.test("on a whole platform the README's examples run as they stand, a model survives a cut, and an audit is right", async (t) => {
  const home = await Deno.makeTempDir({ prefix: "assay-sdk-" });
  await Deno.chmod(home, 0o755); // the database may have to run as another user
  const platform = await startPlatform({ home, port: 0, isAnnounced: false });
  const { url, apiKey } = platform;
  const at = { url, apiKey };
  const get = async (path: string) => {
    const answer = await fetch(`${url}/functions/v1/api/v1/${path}`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    assert.equal(answer.status, 200);
    return await answer.json();
  };
  try {
    const [logging, scoring, modelling, auditing, ...more] =
      await readmeBlocks();
    assert.deepEqual(more, []);
    const env = { ASSAY_URL: url, ASSAY_API_KEY: apiKey };
    const folder = join(home, "readme");
    await Deno.mkdir(folder);
    let runId = "";
    const asRun = () => `const run = { id: ${JSON.stringify(runId)} };\n`;
    const predicted = async () => {
      const { rows } = await get(`runs/${runId}/samples?limit=500`);
      return Object.fromEntries(
        rows.map((row: Record<string, string>) => [
          row.sample_id,
          row.predicted_label,
        ]),
      );
    };

    await t.step("README: log a training", async () => {
      const said = await runBlock(folder, DATA, logging!, env);
      runId = said.trim().split("/").at(-1)!;
      assert.match(said, /mail-\d+ (ham|spam) /);
      assert.deepEqual(await predicted(), truth);
    });

    await t.step("README: score again", async () => {
      const said = await runBlock(folder, asRun(), scoring!, env);
      assert.match(said, /^\d+ \[/);
    });

    await t.step("README: a model", async () => {
      // the contrary of what the training said
      const contrary = Object.fromEntries(
        samples.map(({ text, spam }) => [text, spam ? 0.1 : 0.9]),
      );
      const file = join(folder, "mails.onnx");
      await Deno.writeFile(file, knowingModel(contrary));
      const said = await runBlock(folder, asRun(), modelling!, env);
      assert.match(said, /^0 %\n100 %/);
      const { rows } = await get("models");
      assert.deepEqual(
        rows.map(({ name, state }: Record<string, string>) => [name, state]),
        [["mails", "ready"]],
      );
      const is = await predicted();
      for (const { id, truth } of samples) assert.notEqual(is[id], truth, id);
    });

    await t.step("README: an audit", async () => {
      const before = `${asRun()}
const truth: Record<string, string> = ${
        JSON.stringify(
          Object.fromEntries(samples.map((each) => [each.text, each.truth])),
        )
      };
const ask = (text: string | null, _given: string) => Promise.resolve(truth[text!]!);
`;
      const said = await runBlock(folder, before, auditing!, env);
      assert.match(
        said,
        /^\d+ of 240 labels are wrong \(90 % interval \d+ to \d+, [\d.]+ to [\d.]+ %\), 100 judged\n$/,
      );
    });

    await t.step(
      "a large model goes on after a cut, and is one model",
      async () => {
        const bytes = knowingModel(knowledge, { padding: 13_000_000 });
        const modelId = crypto.randomUUID();
        const options = {
          ...at,
          inputKind: "text",
          classNames: NAMES,
          name: "large",
          modelId,
        } as const;
        const line = cutOnce();
        const sent: number[] = [];
        try {
          await uploadModel(new Blob([bytes]), {
            ...options,
            onProgress: ({ sentBytes }) => sent.push(sentBytes),
          });
        } finally {
          line.stop();
        }
        assert.ok(line.isCut());
        assert.deepEqual(sent, [...sent].sort((a, b) => a - b));
        const again = await uploadModel(bytes, options);
        const sha256 = await sha256Of(bytes);
        assert.deepEqual(
          [again.model_id, again.size_bytes, again.sha256],
          [modelId, bytes.length, sha256],
        );
        const { rows } = await get("models?name=large");
        assert.equal(rows.length, 1);
        await assert.rejects(
          uploadModel(bytes.subarray(0, 9_000_000), options),
          { code: "idempotency_conflict" },
        );

        await (await rescore([runId], { ...at, modelId: again })).wait();
        assert.deepEqual(await predicted(), truth);
        const fresh = await rescore([runId], { ...at, modelId: null });
        await fresh.wait();
      },
    );

    await t.step("what is no model fails the job with a sentence", async () => {
      const garbage = await uploadModel(Uint8Array.of(1, 2, 3), {
        ...at,
        inputKind: "text",
        classNames: NAMES,
      });
      const job = await rescore([runId], { ...at, modelId: garbage });
      await assert.rejects(job.wait(), {
        code: "job_failed",
        message: /its file must be an ONNX model/,
      });
    });

    await t.step("an audit counts the wrong labels", async () => {
      const run = await startRun({ ...at, name: "audit", labelNames: NAMES });
      const column = <K extends keyof typeof samples[number]>(key: K) =>
        samples.map((each) => each[key]);
      // a text of its own: what was said of the other run's samples does not count here
      await run.logSamples({
        ids: column("id"),
        labels: column("given"),
        texts: column("text").map((text) => `${text}!`),
      });
      await run.logOutputs({
        ids: column("id"),
        logits: Float32Array.from(
          samples.flatMap(({ spam }, i) =>
            spam ? [-1 + i % 3, 1] : [1, i % 3 - 1]
          ),
        ),
        epoch: 0,
      });
      await assert.rejects(
        audit(run.id, at),
        (error) => error instanceof AssayError && error.status === 409,
      );
      await run.finish();
      await run.wait();
      const drawn = await audit(run.id, { ...at, nSamples: 80 });
      assert.equal(new Set(drawn.ids).size, 80);
      const again = await audit(run.id, { ...at, nSamples: 80 });
      assert.deepEqual([again.id, again.ids], [drawn.id, drawn.ids]);
      const judged = (ids: readonly string[]) =>
        drawn.judge(ids.map((id) => [id, truth[id]!]));
      await judged(drawn.ids.slice(0, 20));
      const before = await drawn.result();
      assert.deepEqual([before.n_needed, before.n_errors], [10, null]);
      assert.equal((await drawn.remaining()).length, 60);
      await judged(drawn.ids.slice(20));
      const after = await drawn.result();
      const { low, high } = after.n_errors_interval!;
      assert.ok(low <= nWrong && nWrong <= high, `${after}`);
      assert.equal(after.n_labels, N);
      await assert.rejects(
        drawn.judge({ [drawn.ids[0]!]: "eggs" }),
        AssayError,
      );
      await assert.rejects(audit(run.id, { ...at, nSamples: 9 }), {
        code: "validation_failed",
        message: /n_samples: must be 10 or more: fewer give no number/,
      });
    });
  } finally {
    await platform.stop();
    await Deno.remove(home, { recursive: true });
  }
});
