import onnxProto from "onnx-proto";
import assert from "node:assert/strict";
import { withScripts } from "./testing/scripts.ts";

const { onnx } = onnxProto;

/** Probabilities by texts that it knows by heart, (n, 1) strings to (n, 2). */
function knowing(texts: Readonly<Record<string, number>>): Uint8Array {
  const tensor = (elemType: number, width: number) => ({
    tensorType: {
      elemType,
      shape: { dim: [{ dimParam: "n" }, { dimValue: width }] },
    },
  });
  const [FLOAT, STRING] = [1, 8];
  return onnx.ModelProto.encode(onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [
      { domain: "", version: 17 },
      { domain: "ai.onnx.ml", version: 3 },
    ],
    graph: {
      name: "mails",
      input: [{ name: "text", type: tensor(STRING, 1) }],
      output: [{ name: "probabilities", type: tensor(FLOAT, 2) }],
      initializer: [{ name: "one", dims: [1], dataType: 1, floatData: [1] }],
      node: [
        {
          opType: "LabelEncoder",
          domain: "ai.onnx.ml",
          input: ["text"],
          output: ["spam"],
          attribute: [
            {
              name: "keys_strings",
              type: 8,
              strings: Object.keys(texts).map((t) =>
                new TextEncoder().encode(t)
              ),
            },
            { name: "values_floats", type: 6, floats: Object.values(texts) },
            { name: "default_float", type: 1, f: 0.5 },
          ],
        },
        { opType: "Sub", input: ["one", "spam"], output: ["ham"] },
        {
          opType: "Concat",
          input: ["ham", "spam"],
          output: ["probabilities"],
          attribute: [{ name: "axis", type: 2, i: 1 }],
        },
      ],
    },
  })).finish();
}

Deno.test("model.sh stores a model and has a run scored by it", () =>
  withScripts(async ({ platform, home, run }) => {
    const logged = await run("session.sh");
    const [, id] = logged.match(/"run_id":"([^"]+)"/)!;
    const file = `${home}/mails.onnx`;
    await Deno.writeFile(
      file,
      knowing({
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
