import assert from "node:assert/strict";
import { ROOMS } from "./rooms.ts";
import plugin from "./rooms_lint.ts";

const ALLOWED: readonly [file: string, source: string][] = [
  ["gpu-worker/kernels/softmax.ts", `import { a } from "./matrix.ts";`],
  ["gpu-worker/detectors/hard.ts", `import { a } from "../kernels/a.ts";`],
  [
    "gpu-worker/jobs/score_run.ts",
    `import type { Lease } from "../runner/run_task.ts";`,
  ],
  [
    "gpu-worker/main.ts",
    `import { a } from "./jobs/a.ts"; Deno.env.get("PORT");`,
  ],
  ["functions/api/app.ts", `import { AppError } from "@shared/errors.ts";`],
  ["functions/api/routes/runs.ts", `import { Hono } from "hono";`],
  ["functions/api/routes/runs.ts", `import { b } from "hono/validator";`],
  ["functions/api/api_test.ts", `import { a } from "@testing/postgres.ts";`],
  ["functions/permissions_test.ts", `import { a } from "./api/app.ts";`],
  ["shared/schemas/run.ts", `import { z } from "zod";`],
  ["console/api/client.ts", `import type { Run } from "@shared/types/run.ts";`],
  ["examples/mails/main.ts", `import { startRun } from "@assay/sdk";`],
  ["local/supervisor/mod.ts", `import { a } from "../database/server.ts";`],
  ["tools/check_docs.ts", `import { a } from "../local/database/server.ts";`],
];

const REFUSED: readonly [file: string, source: string, message: RegExp][] = [
  [
    "gpu-worker/kernels/softmax.ts",
    `import { z } from "zod";`,
    /"gpu-worker\/kernels" may not import the package "zod": it may import no package/,
  ],
  [
    "gpu-worker/kernels/softmax.ts",
    `const fs = await import("node:fs");`,
    /may not import the package "node:fs"/,
  ],
  [
    "gpu-worker/detectors/hard.ts",
    `import { a } from "../store/part_store.ts";`,
    /"gpu-worker\/detectors" may not import "gpu-worker\/store"/,
  ],
  [
    "gpu-worker/detectors/hard.ts",
    `export * from "../store/part_store.ts";`,
    /may not import "gpu-worker\/store"/,
  ],
  [
    "gpu-worker/detectors/hard.ts",
    `export { a } from "../store/part_store.ts";`,
    /may not import "gpu-worker\/store"/,
  ],
  [
    "gpu-worker/jobs/score_run.ts",
    `import { runTask } from "../runner/run_task.ts";`,
    /may import types only of "gpu-worker\/runner"/,
  ],
  [
    "gpu-worker/jobs/score_run.ts",
    `import { AppError } from "../../shared/errors.ts";`,
    /A relative path may not leave "gpu-worker\/"/,
  ],
  [
    "functions/ingest/app.ts",
    `import { a } from "../api/app.ts";`,
    /"functions\/ingest" may not import "functions\/api"/,
  ],
  [
    "functions/api/app.ts",
    `import { a } from "../_shared/testing/world.ts";`,
    /Only tests may import/,
  ],
  [
    "functions/api/app.ts",
    `import { a } from "@testing/postgres.ts";`,
    /Only tests may import/,
  ],
  [
    "gpu-worker/runner/run_task.ts",
    `import { a } from "../detectors/_hard_parts.ts";`,
    /"gpu-worker\/detectors\/_hard_parts.ts" is private to its folder/,
  ],
  [
    "functions/api/app.ts",
    `const url = Deno.env.get("DATABASE_URL");`,
    /Only a composition root reads the environment/,
  ],
  [
    "console/main.tsx",
    `import { ERRORS } from "@shared/types/issue.ts";`,
    /may import types only of "shared\/types"/,
  ],
  [
    "examples/mails/main.ts",
    `import { startPlatform } from "../../local/supervisor/mod.ts";`,
    /A relative path may not leave "examples\/"/,
  ],
  [
    "local/queue/app.ts",
    `import { a } from "../storage/app.ts";`,
    /may not import "local\/storage"/,
  ],
  ["attic/old.ts", `import "hono";`, /"attic\/old.ts" is in no room/],
  ["shared/JobTypes.ts", `export {};`, /A file is named in snake_case/],
  ["tools/test.ts", `export {};`, /is run as a test by `deno test`/],
];

for (const [file, source] of ALLOWED) {
  Deno.test(`rooms: ${file} may say ${source}`, () => {
    assert.deepEqual(messages(file, source), []);
  });
}

for (const [file, source, message] of REFUSED) {
  Deno.test(`rooms: ${file} may not say ${source}`, () => {
    const found = messages(file, source);
    assert.equal(found.length, 1);
    assert.match(found[0]!, message);
  });
}

Deno.test("ROOMS has no circle", () => {
  const visit = (name: string, way: string[]) => {
    assert.ok(!way.includes(name), [...way, name].join(" → "));
    const { rooms, typesOf = [] } = ROOMS[name]!;
    for (const target of [...rooms, ...typesOf]) {
      const isBelow = (other: string) =>
        other === target || other.startsWith(`${target}/`);
      for (const other of Object.keys(ROOMS).filter(isBelow)) {
        if (other !== name) visit(other, [...way, name]);
      }
    }
  };
  for (const name of Object.keys(ROOMS)) visit(name, []);
});

function messages(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, file, source).map((d) => d.message);
}
