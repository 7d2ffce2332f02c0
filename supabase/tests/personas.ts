/**
 * Two projects, and one caller of each kind: what each may see is asked in SQL as that caller.
 *
 * @module
 */
import { createTestDatabase, type Engine } from "@testing/postgres.ts";
import postgres, { type Sql, type TransactionSql } from "postgres";

/** Callers the tests speak as. */
export const PERSONAS = [
  "viewer",
  "editor",
  "owner",
  "stranger",
  "anon",
  "ingestKey",
  "readKey",
  "writeKey",
  "adminKey",
  "otherKey",
] as const;

/** One of {@linkcode PERSONAS}. */
export type Persona = typeof PERSONAS[number];

/** What each persona may do in the project `mine`. */
export const SCOPES: Readonly<Record<Persona, readonly string[]>> = {
  viewer: ["read"],
  editor: ["read", "ingest", "write"],
  owner: ["read", "ingest", "write", "admin"],
  stranger: [],
  anon: [],
  ingestKey: ["ingest"],
  readKey: ["read"],
  writeKey: ["read", "write"],
  adminKey: ["read", "ingest", "write", "admin"],
  otherKey: [],
};

/** A migrated database with data, and ways to speak to it. */
export interface World {
  /** Project the personas belong to; `stranger` and `otherKey` belong to another. */
  readonly mine: string;
  /** A run of it, with a published and an unpublished revision of one result each. */
  readonly runId: string;
  /** Its dataset. */
  readonly datasetId: string;
  /** Its succeeded job. */
  readonly jobId: string;
  /** The unpublished revision. */
  readonly hiddenRevisionId: string;
  /** As the owner of the database. */
  readonly admin: Sql;
  /** As the login role of the worker. */
  readonly worker: Sql;
  /** Runs `body` as the persona; reads as `authenticated`, or as the edge's own login role. Rolled back. */
  as<T>(
    persona: Persona,
    role: "authenticated" | "assay_edge",
    body: (sql: TransactionSql) => Promise<T>,
  ): Promise<T>;
  /**
   * Runs `body` as PostgREST does: as its own login role, then as the role that the persona's token names, with its claims. Rolled back. `service`
   * has the service key; a key of ours gives no token, so a token that claims to be one stands for it.
   */
  throughPostgrest<T>(
    persona: Persona | "service",
    body: (sql: TransactionSql) => Promise<T>,
  ): Promise<T>;
  /** Runs `body` as the Storage server does. Rolled back. */
  throughStorage<T>(
    persona: Persona | "service",
    body: (sql: TransactionSql) => Promise<T>,
  ): Promise<T>;
  /** The project that the personas know nothing of. */
  readonly other: string;
  /** Closes connections and drops the database. */
  drop(): Promise<void>;
}

const ROLLBACK = new Error("rolled back on purpose");

/** Makes a database of the engine with both projects in it. */
export async function createWorld(engine: Engine): Promise<World> {
  const database = await createTestDatabase(engine);
  const options = { prepare: false, max: 4, onnotice: () => {} };
  const admin = postgres(database.url(), options);
  const edge = postgres(database.url("assay_edge"), options);
  const worker = postgres(database.url("assay_worker"), options);
  const postgrest = postgres(database.url("authenticator"), options);
  const storage = postgres(database.url("supabase_storage_admin"), options);
  const claims: Record<Persona, object> = { anon: {} } as never;
  const uuid = () => crypto.randomUUID();
  const [mine, other] = [uuid(), uuid()];
  await admin`insert into assay.projects (id, name) values (${mine}, 'mine'), (${other}, 'other')`;
  for (const persona of ["viewer", "editor", "owner", "stranger"] as const) {
    const user = uuid();
    const [project, role] = persona === "stranger"
      ? [other, "owner"]
      : [mine, persona];
    await admin`insert into auth.users (id, email) values (${user}, ${
      persona + "@example.com"
    })`;
    await admin`insert into assay.members (project_id, user_id, role) values (${project}, ${user}, ${role})`;
    claims[persona] = { sub: user, role: "authenticated" };
  }
  const keys: [Persona, string, string[]][] = [
    ["ingestKey", mine, ["ingest"]],
    ["readKey", mine, ["read"]],
    ["writeKey", mine, ["write"]],
    ["adminKey", mine, ["admin"]],
    ["otherKey", other, ["admin"]],
  ];
  for (const [persona, project, scopes] of keys) {
    const id = uuid();
    await admin`
      insert into assay.api_keys (id, project_id, prefix, secret_hash, name, scopes)
      values (${id}, ${project}, ${
      persona.padEnd(10, "0")
    }, sha256(${persona}::bytea), ${persona}, ${scopes})`;
    claims[persona] = { key_id: id, project_id: project };
  }
  const run = await seedRun(admin, mine);
  await seedRun(admin, other);

  const through = (login: Sql): World["throughPostgrest"] => (persona, body) =>
    rolledBack(login, async (sql) => {
      const role = persona === "service"
        ? "service_role"
        : persona === "anon"
        ? "anon"
        : "authenticated";
      const said = persona === "service" ? {} : claims[persona];
      await sql`
          select set_config('request.jwt.claims', ${
        JSON.stringify({ ...said, role })
      }, true), set_config('role', ${role}, true)`;
      return await body(sql);
    });
  return {
    mine,
    other,
    ...run,
    throughPostgrest: through(postgrest),
    throughStorage: through(storage),
    admin,
    worker,
    as(persona, role, body) {
      return rolledBack(edge, async (sql) => {
        await sql`select set_config('request.jwt.claims', ${
          JSON.stringify(claims[persona])
        }, true)`;
        if (role === "authenticated") {
          await sql`set local role authenticated`;
        }
        return await body(sql);
      });
    },
    async drop() {
      await Promise.all(
        [admin, edge, worker, postgrest, storage].map((sql) => sql.end()),
      );
      await database.drop();
    },
  };
}

async function rolledBack<T>(
  login: Sql,
  body: (sql: TransactionSql) => Promise<T>,
): Promise<T> {
  let result: { readonly value: T } | null = null;
  try {
    await login.begin(async (sql) => {
      result = { value: await body(sql) };
      throw ROLLBACK;
    });
  } catch (error) {
    if (error !== ROLLBACK) throw error;
  }
  return result!.value;
}

async function seedRun(sql: Sql, project: string) {
  const uuid = () => crypto.randomUUID();
  const hash = new Uint8Array(32);
  const [datasetId, runId, jobId, older, published, hiddenRevisionId] = [
    uuid(),
    uuid(),
    uuid(),
    uuid(),
    uuid(),
    uuid(),
  ];
  await sql`insert into assay.datasets (id, project_id, name) values (${datasetId}, ${project}, 'mails')`;
  const [sample] = await sql`
    insert into assay.samples (project_id, dataset_id, sample_id, content_hash, text_preview)
    values (${project}, ${datasetId}, 'a', ${hash}, 'Buy now') returning id`;
  await sql`
    insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest)
    values (${runId}, ${project}, ${datasetId}, 'first', 1, 'classification', ${[
    "ham",
    "spam",
  ]}, ${hash})`;
  const [part] = await sql`
    insert into assay.parts (project_id, run_id, idempotency_key, part_kind, split, writer, seq, content_type,
      content_encoding, storage_path, size_bytes, sha256)
    values (${project}, ${runId}, 'k', 'samples', 'training', '0', 0, 'application/json', 'identity',
      ${`${project}/${runId}/parts/x`}, 1, ${hash}) returning id`;
  await sql`
    insert into assay.writers (run_id, project_id, writer, generation) values (${runId}, ${project}, '0', 0)`;
  await sql`
    insert into assay.jobs (id, project_id, run_id, job_kind, stage, state, pending_tasks, finished_at)
    values (${jobId}, ${project}, ${runId}, 'score_run', 'score', 'succeeded', 0, now())`;
  await sql`insert into assay.tasks (job_id, project_id, stage, state) values (${jobId}, ${project}, 'score', 'succeeded')`;
  const version = uuid();
  await sql`
    insert into assay.dataset_versions (id, project_id, dataset_id, digest, label_names, n_samples)
    values (${version}, ${project}, ${datasetId}, ${hash}, ${[
    "ham",
    "spam",
  ]}, 1)`;
  await sql`
    insert into assay.dataset_version_samples (dataset_version_id, project_id, split, sample_key, given_label)
    values (${version}, ${project}, 'training', ${sample!.id}, 0)`;
  for (const revision of [older, published, hiddenRevisionId]) {
    await sql`insert into assay.revisions (id, project_id, run_id, job_id) values (${revision}, ${project}, ${runId}, ${jobId})`;
    await sql`
      insert into assay.sample_results (revision_id, project_id, sample_key, split, rank, given_label, suggested_label, issue_type)
      values (${revision}, ${project}, ${sample!.id}, 'training', ${
      revision === older ? 2 : 1
    }, 0, 1, 'mislabeled')`;
    await sql`
      insert into assay.sample_issues (revision_id, project_id, sample_key, split, issue_type)
      values (${revision}, ${project}, ${
      sample!.id
    }, 'training', 'mislabeled')`;
    await sql`
      insert into assay.sample_neighbours
        (revision_id, project_id, sample_key, split, position, neighbour_key, neighbour_split, similarity)
      values (${revision}, ${project}, ${sample!.id}, 'training', 0, ${
      sample!.id
    }, 'training', 1)`;
    await sql`
      insert into assay.class_reports (revision_id, project_id, split, label, n_given, n_predicted, n_mislabeled)
      values (${revision}, ${project}, 'training', 0, 1, 0, 1)`;
    await sql`
      insert into assay.class_pairs (revision_id, project_id, split, given_label, suggested_label, n_flagged, share_of_given)
      values (${revision}, ${project}, 'training', 0, 1, 1, 1)`;
    await sql`
      insert into assay.row_problems (revision_id, project_id, part_id, message, n_rows)
      values (${revision}, ${project}, ${part!.id}, 'x', 1)`;
  }
  await sql`update assay.revisions set published_at = now(), number = 1 where id = ${older}`;
  await sql`update assay.revisions set published_at = now(), number = 2 where id = ${published}`;
  await sql`select assay.keep_difference(${older}, ${published}), assay.keep_difference(${published}, ${hiddenRevisionId})`;
  await sql`
    update assay.runs set published_revision_id = ${published}, dataset_version_id = ${version} where id = ${runId}`;
  await sql`
    insert into assay.models (id, project_id, name, input_kind, class_names, outputs, request_digest)
    values (${uuid()}, ${project}, 'forest', 'features', ${[
    "ham",
    "spam",
  ]}, '{}', ${hash})`;
  const [audit] = await sql`
    insert into assay.audits (project_id, run_id, revision_id, n_asked, seed, n_reviewed, n_confirmed, bins, strata)
    values (${project}, ${runId}, ${published}, 1, 0, 0, 0, '[]', '[]') returning id`;
  await sql`
    insert into assay.audit_samples (audit_id, project_id, position, sample_key, split, given_label, bin)
    values (${audit!.id}, ${project}, 0, ${sample!.id}, 'training', 0, 0)`;
  await sql`
    insert into assay.verdicts (dataset_id, sample_id, verdict, run_id) values (${datasetId}, 'a', 'drop', ${runId})`;
  return { runId, datasetId, jobId, hiddenRevisionId };
}
