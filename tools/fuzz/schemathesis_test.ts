/**
 * schemathesis makes requests of the OpenAPI document and sends them to the whole platform: no answer may be a 5xx, and each must be what the
 * document says.
 *
 * `ASSAY_FUZZ_SEED` chooses the requests; `ASSAY_FUZZ=full` adds every boundary of every field, some thousand requests more.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { skipIf } from "@testing/skip.ts";
import { ensureVenv } from "../python/venv.ts";
import { type ServedPlatform, servePlatform } from "./served_platform.ts";

const SEED = Deno.env.get("ASSAY_FUZZ_SEED") ?? "1";
const IS_FULL = Deno.env.get("ASSAY_FUZZ") === "full";
const here = (name: string) => new URL(name, import.meta.url).pathname;

/** They would take what the others need. */
const DESTRUCTIVE = [
  "delete_api_runs_one",
  "delete_api_datasets_one",
  "delete_api_projects_one",
];

/** Rules without a word in JSON Schema make a request that fits the schema wrong all the same. */
const NOT_CHECKED = ["positive_data_acceptance"];

const tool = await ensureVenv([here("./requirements.txt")]).then(
  (python) => ({ python, problem: null }),
  (error: Error) => ({ python: "", problem: error.message }),
);

function settings(platform: ServedPlatform): string {
  const quoted = (id: string) => JSON.stringify(id);
  return `
[parameters]
"path.run_id" = ${quoted(platform.runId)}
"path.job_id" = ${quoted(platform.jobId)}
"path.project_id" = ${quoted(platform.projectId)}
"path.dataset_id" = ${quoted(platform.datasetId)}

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 422]

[[operations]]
include-path-regex = "/ingest/v1/runs/.*/"
parameters = { "path.run_id" = ${quoted(platform.openRunId)} }
`;
}

Deno.test({
  name: `requests of the OpenAPI document get what it says (seed ${SEED})`,
  ...skipIf(tool.problem),
  async fn() {
    const platform = await servePlatform();
    try {
      const config = join(platform.folder, "schemathesis.toml");
      await Deno.writeTextFile(config, settings(platform));
      const { code, stdout, stderr } = await new Deno.Command(tool.python, {
        cwd: platform.folder,
        args: [
          ...["-m", "schemathesis.cli", "--config-file", config, "run"],
          `${platform.url}/api/v1/openapi.json`,
          ...["--header", `Authorization: Bearer ${platform.apiKey}`],
          ...["--seed", SEED, "--max-examples", "12", "--workers", "2"],
          "--phases",
          IS_FULL ? "examples,coverage,fuzzing" : "examples,fuzzing",
          ...["--exclude-checks", NOT_CHECKED.join(",")],
          ...DESTRUCTIVE.flatMap((id) => ["--exclude-operation-id", id]),
          ...["--continue-on-failure", "--no-shrink", "--warnings", "off"],
          ...["--no-color"],
        ],
        env: {
          SCHEMATHESIS_HOOKS: "schemathesis_hooks",
          PYTHONPATH: here("."),
          PYTHONDONTWRITEBYTECODE: "1",
          HYPOTHESIS_STORAGE_DIRECTORY: join(platform.folder, "hypothesis"),
        },
      }).output();
      const text = new TextDecoder().decode(stdout);
      const problems = new TextDecoder().decode(stderr);
      assert.equal(code, 0, `seed ${SEED}\n${text}\n${problems}`);
      const nSent = Number(/(\d+) generated/.exec(text)?.[1] ?? 0);
      assert.ok(nSent > 200, `${nSent} requests\n${text}\n${problems}`);
    } finally {
      await platform.stop();
    }
  },
});
