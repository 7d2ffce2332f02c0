// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { type Access, ROUTES } from "@shared/permissions.ts";
import { testEngines } from "@testing/postgres.ts";
import { createApp as createApi } from "./api/app.ts";
import { createDeps as createApiDeps } from "./api/deps.ts";
import { createApp as createIngest } from "./ingest/app.ts";
import { createDeps as createIngestDeps } from "./ingest/deps.ts";
import { askOf } from "./_shared/testing/apps.ts";
import { seedRun } from "./_shared/testing/seed.ts";
import {
  createWorld,
  type Persona,
  PERSONAS,
  SCOPES,
  type World,
} from "./_shared/testing/world.ts";

/** A request that succeeds for whoever may send it. */
interface Example {
  readonly path: string;
  readonly body?: object | string;
  readonly headers?: Record<string, string>;
}

const PEOPLE: readonly Persona[] = ["viewer", "editor", "owner", "stranger"];

for (const engine of testEngines()) {
  Deno.test(`permissions of every route on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    try {
      const apps = {
        ingest: createIngest(createIngestDeps(world.edge)),
        api: createApi(createApiDeps(world.edge)),
      };
      const listed = [...apps.ingest.routes, ...apps.api.routes]
        .filter(({ method }) => method !== "ALL")
        .map(({ method, path }) => `${method} ${path}`);

      await t.step("the routers' own lists are the permission table", () => {
        assert.deepEqual([...listed].sort(), Object.keys(ROUTES).sort());
      });

      await t.step(
        "a route without a permission is served to nobody",
        async () => {
          const app = createApi(createApiDeps(world.edge));
          app.get("/secret", (c) => c.text("secret"));
          const ask = askOf(world, app, "/api/v1");
          const answer = await ask("owner", "GET", "/secret");
          assert.equal(answer.status, 500);
        },
      );

      const examples = await makeExamples(world);
      for (const route of listed) {
        const [method, pattern] = route.split(" ") as [string, string];
        const app = pattern.startsWith("/ingest/") ? apps.ingest : apps.api;
        const ask = askOf(world, app, "");
        for (const persona of PERSONAS) {
          const expected = expectedOf(ROUTES[route]!, persona);
          await t.step(
            `${persona} gets ${expected} from ${route}`,
            async () => {
              const { path, body, headers } = await examples(route);
              const answer = await ask(persona, method, path, body, headers);
              const status = answer.status < 300
                ? "2xx"
                : String(answer.status);
              assert.equal(status, expected, JSON.stringify(answer.json));
            },
          );
        }
      }
    } finally {
      await world.stop();
    }
  });
}

function expectedOf(access: Access, persona: Persona): string {
  if (access === "public") return "2xx";
  if (persona === "anonymous") return "401";
  if (access === "caller") return "2xx";
  if (access === "person") return PEOPLE.includes(persona) ? "2xx" : "403";
  const scopes = SCOPES[persona];
  return scopes.length === 0 ? "404" : scopes.includes(access) ? "2xx" : "403";
}

/** Requests about the project `mine`; those that use something up get a new one each time. */
async function makeExamples(
  world: World,
): Promise<(route: string) => Promise<Example>> {
  const { admin, mine } = world;
  const run = await seedRun(admin, mine, 5);
  const labels = ["ham", "spam"];
  world.platform.objects.set(`${mine}/${run.runId}/columns`, new Uint8Array(8));
  const sample = run.samples[0]!;

  const newRun = async (withPart: boolean) => {
    const [dataset] = await admin`
      insert into assay.datasets (project_id, name) values (${mine}, ${crypto.randomUUID()}) returning id`;
    const id = crypto.randomUUID();
    await admin`
      insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest)
      values (${id}, ${mine}, ${
      dataset!.id
    }, ${id}, 1, 'classification', ${labels}, ${new Uint8Array(32)})`;
    if (withPart) {
      await admin`
        insert into assay.parts (project_id, run_id, idempotency_key, part_kind, split, writer, seq, content_type,
          content_encoding, storage_path, size_bytes, sha256)
        values (${mine}, ${id}, 'k', 'samples', 'training', '0', 0, 'application/json', 'identity', 'x', 1, ${new Uint8Array(
        32,
      )})`;
    }
    return id;
  };
  const newUser = async (isMember: boolean) => {
    const id = crypto.randomUUID();
    await admin`insert into auth.users (id, email) values (${id}, ${
      id + "@example.com"
    })`;
    if (isMember) {
      await admin`insert into assay.members (project_id, user_id, role) values (${mine}, ${id}, 'viewer')`;
    }
    return id;
  };
  const newKey = async () => {
    const [key] = await admin`
      insert into assay.api_keys (project_id, prefix, secret_hash, name, scopes)
      values (${mine}, ${crypto.randomUUID().slice(0, 8)}, ${new Uint8Array(
      32,
    )}, 'x', ${["read"]}) returning id`;
    return key!.id as string;
  };
  const newJob = async () => {
    const [job] = await admin`
      insert into assay.jobs (project_id, run_id, job_kind, stage, pending_tasks)
      values (${mine}, ${await newRun(
      true,
    )}, 'score_run', 'fold', 1) returning id`;
    return job!.id as string;
  };
  const verdict = () => ({
    verdict_id: crypto.randomUUID(),
    sample_id: sample.sample_id,
    verdict: "keep",
  });

  const newExport = async () => {
    const [job] = await admin`
      insert into assay.jobs (project_id, job_kind, stage, state, pending_tasks, finished_at)
      values (${mine}, 'export_project', 'export', 'succeeded', 0, now()) returning id`;
    const result = { paths: [`${mine}/exports/x`], size_bytes: 2 };
    await admin`
      insert into assay.tasks (job_id, project_id, stage, state, result)
      values (${job!.id}, ${mine}, 'export', 'succeeded', ${
      admin.json(result)
    })`;
    world.platform.objects.set(`${mine}/exports/x`, new Uint8Array(2));
    return job!.id as string;
  };
  const newModel = async (state: "pending" | "ready") => {
    const id = crypto.randomUUID();
    const isReady = state === "ready";
    await admin`
      insert into assay.models (id, project_id, name, input_kind, class_names, outputs, request_digest, state, size_bytes, sha256, storage_path)
      values (${id}, ${mine}, 'm', 'features', ${labels}, '{"logits": null, "probs": null, "embedding": null}', ${new Uint8Array(
      32,
    )}, ${state}, ${isReady ? 1 : null}, ${
      isReady ? new Uint8Array(32) : null
    }, ${isReady ? "x" : null})`;
    world.platform.objects.set(
      `${mine}/models/${id}/announced.onnx`,
      new Uint8Array(2),
    );
    return id;
  };

  const newAudit = async () => {
    const [audit] = await admin`
      insert into assay.audits (project_id, run_id, revision_id, n_asked, seed, n_reviewed, n_confirmed, bins, strata)
      values (${mine}, ${run.runId}, ${run.revisionId}, 1,
        (select count(*)::int from assay.audits), 0, 0, '[]', '[]') returning id`;
    return audit!.id as string;
  };

  /** A project is needed again after somebody deleted it. */
  const undelete = async () => {
    await admin`delete from assay.deletions where subject_id = ${mine}`;
    await admin`delete from assay.jobs where job_kind = 'delete_project'`;
    await admin`update assay.api_keys set revoked_at = null where project_id = ${mine}`;
  };

  return async (route) => {
    await undelete();
    const path = route.split(" ")[1]!
      .replace(":project_id", mine)
      .replace(":dataset_id", run.datasetId)
      .replace(":run_id", run.runId)
      .replace(":split", sample.split)
      .replace(":sample_id", encodeURIComponent(sample.sample_id))
      .replace(":revision_id", run.revisionId)
      .replace(":job_id", run.jobId);
    switch (route) {
      case "PUT /ingest/v1/runs/:run_id":
        return {
          path: `/ingest/v1/runs/${crypto.randomUUID()}`,
          body: { project: mine, label_names: labels },
        };
      case "POST /ingest/v1/runs/:run_id/parts":
        return {
          path: `/ingest/v1/runs/${await newRun(
            false,
          )}/parts?kind=samples&split=training&seq=0`,
          body: "{}",
          headers: {
            "idempotency-key": "k",
            "content-type": "application/json",
          },
        };
      case "POST /ingest/v1/runs/:run_id/parts/sign":
      case "POST /ingest/v1/runs/:run_id/parts/:part_id/complete": {
        const runId = await newRun(false);
        const partId = crypto.randomUUID();
        world.platform.objects.set(
          `${mine}/${runId}/parts/${partId}`,
          new Uint8Array(2),
        );
        const start = path.replace(run.runId, runId);
        return {
          path: `${
            start.replace(":part_id", partId)
          }?kind=samples&split=training&seq=0`,
          body: {
            content_type: "application/json",
            size_bytes: 2,
            sha256: "0".repeat(64),
          },
          headers: { "idempotency-key": "k" },
        };
      }
      case "POST /ingest/v1/runs/:run_id/finish":
        return { path: `/ingest/v1/runs/${await newRun(true)}/finish` };
      case "POST /api/v1/projects":
        return { path, body: { name: "new" } };
      case "PATCH /api/v1/projects/:project_id":
        return { path, body: { name: "mine" } };
      case "PUT /api/v1/projects/:project_id/members/:user_id":
        return {
          path: path.replace(":user_id", await newUser(false)),
          body: { role: "viewer" },
        };
      case "DELETE /api/v1/projects/:project_id/members/:user_id":
        return { path: path.replace(":user_id", await newUser(true)) };
      case "POST /api/v1/projects/:project_id/keys":
        return { path, body: { name: "x", scopes: ["read"] } };
      case "DELETE /api/v1/projects/:project_id/keys/:key_id":
        return { path: path.replace(":key_id", await newKey()) };
      case "DELETE /api/v1/datasets/:dataset_id": {
        const [dataset] = await admin`
          insert into assay.datasets (project_id, name) values (${mine}, ${crypto.randomUUID()}) returning id`;
        return { path: path.replace(run.datasetId, dataset!.id) };
      }
      case "DELETE /api/v1/runs/:run_id":
        return { path: path.replace(run.runId, await newRun(true)) };
      case "GET /api/v1/jobs/:job_id/export":
        return { path: path.replace(run.jobId, await newExport()) };
      case "PUT /api/v1/models/:model_id":
        return {
          path: path.replace(":model_id", crypto.randomUUID()),
          body: {
            project_id: mine,
            name: "m",
            input_kind: "features",
            class_names: labels,
          },
        };
      case "GET /api/v1/models/:model_id":
      case "DELETE /api/v1/models/:model_id":
        return { path: path.replace(":model_id", await newModel("ready")) };
      case "PUT /api/v1/models/:model_id/bytes":
        return {
          path: path.replace(":model_id", await newModel("pending")),
          body: "x",
        };
      case "POST /api/v1/models/:model_id/sign":
      case "POST /api/v1/models/:model_id/complete":
        return {
          path: path.replace(":model_id", await newModel("pending")),
          body: { size_bytes: 2, sha256: "0".repeat(64) },
        };
      case "PUT /api/v1/runs/:run_id/verdicts":
        return { path, body: { verdicts: [verdict()] } };
      case "GET /api/v1/runs/:run_id/audits/:audit_id":
      case "GET /api/v1/runs/:run_id/audits/:audit_id/samples":
        return { path: path.replace(":audit_id", await newAudit()) };
      case "GET /api/v1/runs/:run_id/report":
        await admin`update assay.revisions set report = '{"splits": [], "representation": null}' where id = ${run.revisionId}`;
        return { path };
      case "GET /api/v1/runs/:run_id/revisions/:revision_id/difference":
        return { path: `${path}?from=${run.revisionId}` };
      case "POST /api/v1/jobs":
        return { path, body: { job_kind: "score_run", run_id: run.runId } };
      case "DELETE /api/v1/jobs/:job_id":
        return { path: path.replace(run.jobId, await newJob()) };
      default:
        return { path };
    }
  };
}
