import assert from "node:assert/strict";
import { knowingModel } from "@testing/knowing_model.ts";
import { withScripts } from "./testing/scripts.ts";

Deno.test("model.sh stores a model and has a run scored by it", () =>
  withScripts(async ({ platform, home, run }) => {
    const logged = await run("session.sh");
    const [, id] = logged.match(/"run_id":"([^"]+)"/)!;
    const file = `${home}/mails.onnx`;
    await Deno.writeFile(
      file,
      knowingModel({
        "Shall we meet for lunch on Friday?": 0.875,
        "The build is green again, thanks for the fix": 0.125,
        "Win a free cruise, reply today": 0.125,
        "Cheap pills, no prescription needed": 0.875,
        "You have won a prize, claim it now": 0.875,
      }),
    );
    const out = await run("model.sh", id!, file);
    const job = JSON.parse(out.slice(out.lastIndexOf('{"job_id"')));
    assert.deepEqual([job.state, job.error], ["succeeded", null]);
    const answer = await fetch(
      `${platform.url}/functions/v1/api/v1/runs/${id}/samples`,
      { headers: { authorization: `Bearer ${platform.apiKey}` } },
    );
    const { rows } = await answer.json();
    const predicted = Object.fromEntries(
      rows.map((
        row: { sample_id: string; predicted_label: string },
      ) => [row.sample_id, row.predicted_label]),
    );
    assert.deepEqual(predicted, {
      a: "spam",
      b: "ham",
      c: "ham",
      d: "spam",
      e: "spam",
    });
  }));
