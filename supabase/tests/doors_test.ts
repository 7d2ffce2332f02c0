/**
 * Every door that SQL has, walked from the one table: PostgREST's, the Storage server's, and what the login roles of the programs are.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  FUNCTIONS,
  OBJECTS,
  type RowAction,
  TABLES,
  VIEWS,
} from "@shared/permissions.ts";
import { testEngines } from "@testing/postgres.ts";
import {
  createWorld,
  type Persona,
  PERSONAS,
  SCOPES,
  type World,
} from "./personas.ts";

const CALLERS = [...PERSONAS, "service"] as const;
type Caller = typeof CALLERS[number];

const ACTIONS: readonly RowAction[] = ["select", "insert", "update", "delete"];
const DENIED = { code: "42501" };

for (const engine of testEngines()) {
  Deno.test(`doors of SQL on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    try {
      await grants(t, world);
      for (const caller of CALLERS) {
        await t.step(`${caller} through PostgREST`, () => rows(world, caller));
        await t.step(`${caller} through Storage`, () => objects(world, caller));
      }
      await functions(t, world);
    } finally {
      await world.drop();
    }
  });
}

/** What a caller's token is worth in a project: a key of ours is no token. */
function scopesOf(caller: Caller): readonly string[] {
  if (caller === "service" || caller.endsWith("Key")) return [];
  return SCOPES[caller as Persona];
}

async function grants(t: Deno.TestContext, { admin }: World) {
  await t.step("nobody has a grant that the table does not list", async () => {
    const found = await admin`
      select g.grantee::regrole::text as role, c.relname as name, lower(g.privilege_type) as action
      from pg_class c, aclexplode(c.relacl) g
      where c.relnamespace = 'assay'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and g.grantee in (0, 'authenticated'::regrole, 'anon'::regrole, 'service_role'::regrole)
      union all
      select g.grantee::regrole::text, c.relname || '.' || a.attname, lower(g.privilege_type)
      from pg_class c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g
      where c.relnamespace = 'assay'::regnamespace
        and g.grantee in (0, 'authenticated'::regrole, 'anon'::regrole, 'service_role'::regrole)`;
    const listed = [
      ...Object.keys(VIEWS).map((name) => [name, ["select"]] as const),
      ...Object.entries(TABLES).map(([name, access]) =>
        [name, Object.keys(access)] as const
      ),
    ].flatMap(([name, actions]) =>
      actions.map((action) => `authenticated ${action} ${name}`)
    );
    assert.deepEqual(
      found.map(({ role, name, action }) => `${role} ${action} ${name}`).sort(),
      listed.sort(),
    );
  });

  await t.step("people may call the listed functions only", async () => {
    const found = await admin`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace = 'assay'::regnamespace and p.prorettype <> 'trigger'::regtype
        and (has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('anon', p.oid, 'execute')
             or has_function_privilege('service_role', p.oid, 'execute'))`;
    assert.deepEqual(
      found.map(({ name }) => name.replace("assay.", "")).sort(),
      [...FUNCTIONS].sort(),
    );
  });

  await t.step("no login role is above the policies", async () => {
    const roles = await admin`
      select r.rolname as name, array(
        select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid
        where m.member = r.oid order by 1) as groups
      from pg_roles r
      where r.rolname in ('assay_edge', 'assay_worker', 'assay_queue', 'authenticator', 'supabase_storage_admin')
        and not (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolinherit)
      order by 1`;
    const api = ["anon", "authenticated", "service_role"];
    assert.deepEqual(roles.map((r) => [r.name, r.groups]), [
      ["assay_edge", ["authenticated"]],
      ["assay_queue", []],
      ["assay_worker", []],
      ["authenticator", api],
      ["supabase_storage_admin", api],
    ]);
    const owned = await admin`
      select c.relname from pg_class c join pg_roles r on r.oid = c.relowner
      where c.relnamespace = 'assay'::regnamespace and not r.rolsuper`;
    assert.deepEqual([...owned], [], "an owner is not bound by its policies");
  });
}

/** Each action on each table, as a REST request would do it. */
async function rows(world: World, caller: Caller) {
  const scopes = scopesOf(caller);
  const isNobody = caller === "anon" || caller === "service";
  for (const [table, access] of Object.entries(TABLES)) {
    for (const action of ACTIONS) {
      const scope = access[action];
      const attempt = world.throughPostgrest(caller, (sql) => {
        const column = sql(table === "projects" ? "id" : "project_id");
        const name = sql(table);
        switch (action) {
          case "select":
            return sql`select ${column} as project from assay.${name}`;
          case "insert":
            return table === "verdicts"
              ? sql`insert into assay.verdicts (dataset_id, sample_id, verdict)
                  values (${world.datasetId}, 'a', 'keep') returning project_id as project`
              : sql`insert into assay.${name} default values`;
          case "update":
            return sql`update assay.${name} set ${column} = ${column}`;
          case "delete":
            return sql`delete from assay.${name}`;
        }
      });
      const what = `${action} ${table}`;
      if (isNobody || scope === undefined) {
        await assert.rejects(attempt, DENIED, what);
      } else if (action === "select") {
        const expected = scopes.includes(scope)
          ? [world.mine]
          : caller === "stranger"
          ? [world.other]
          : [];
        const seen = new Set((await attempt).map((row) => row.project));
        assert.deepEqual([...seen], expected, what);
      } else if (scopes.includes(scope)) {
        assert.deepEqual(
          (await attempt).map((r) => r.project),
          [world.mine],
          what,
        );
      } else {
        await assert.rejects(attempt, what);
      }
    }
  }
  for (const view of Object.keys(VIEWS)) {
    const attempt = world.throughPostgrest(
      caller,
      (sql) => sql`select project_id as project from assay.${sql(view)}`,
    );
    if (isNobody) {
      await assert.rejects(attempt, DENIED, view);
      continue;
    }
    const projects = new Set((await attempt).map((row) => row.project));
    assert.equal(projects.has(world.mine), scopes.includes("read"), view);
    assert.equal(projects.has(world.other), caller === "stranger", view);
  }
}

/** Each action on objects of the bucket `runs`, below either project's folder and below none. */
async function objects(world: World, caller: Caller) {
  const { mine, other, admin } = world;
  const paths = [
    `${mine}/run/parts/x`,
    `${mine}/y`,
    `${other}/run/parts/x`,
    mine,
    `x/${mine}/y`,
    `../${mine}/y`,
    `${mine.toUpperCase()}/y`,
    `${mine}x/y`,
    `/${mine}/y`,
    "loose",
  ];
  await admin`
    insert into storage.objects (bucket_id, name)
    select 'runs', unnest(${paths}::text[]) on conflict do nothing`;
  await admin`
    insert into storage.buckets (id, name) values ('elsewhere', 'elsewhere') on conflict do nothing`;
  await admin`
    insert into storage.objects (bucket_id, name) values ('elsewhere', ${paths[
    0
  ]!}) on conflict do nothing`;
  const reads = scopesOf(caller).includes(OBJECTS.select!);
  const everything = [...paths, `elsewhere:${paths[0]}`];
  const visible = caller === "service"
    ? everything
    : reads
    ? paths.slice(0, 2)
    : caller === "stranger"
    ? paths.slice(2, 3)
    : [];
  const names = (found: readonly Record<string, unknown>[]) =>
    found.map(({ bucket_id: bucket, name }) =>
      bucket === "runs" ? name : `${bucket}:${name}`
    ).sort();
  const seen = await world.throughStorage(
    caller,
    (sql) => sql`select bucket_id, name from storage.objects`,
  );
  assert.deepEqual(names(seen), [...visible].sort());

  assert.deepEqual(Object.keys(OBJECTS), ["select"]);
  const mayWrite = caller === "service";
  for (
    const statement of [
      `update storage.objects set name = name || '-moved' returning bucket_id, name`,
      `update storage.objects set bucket_id = 'elsewhere', name = name || id returning bucket_id, name`,
      `delete from storage.objects returning bucket_id, name`,
    ]
  ) {
    const written = await world.throughStorage(
      caller,
      (sql) => sql.unsafe(statement),
    );
    assert.equal(written.length, mayWrite ? everything.length : 0, statement);
  }
  for (const name of [`${mine}/new`, `${other}/new`, "new"]) {
    const attempt = world.throughStorage(
      caller,
      (sql) =>
        sql`insert into storage.objects (bucket_id, name) values ('runs', ${name})`,
    );
    if (mayWrite) await attempt;
    else await assert.rejects(attempt, DENIED, name);
  }
  const bucket = world.throughStorage(
    caller,
    (sql) => sql`insert into storage.buckets (id, name) values ('b', 'b')`,
  );
  if (mayWrite) await bucket;
  else await assert.rejects(bucket, DENIED);
}

async function functions(t: Deno.TestContext, world: World) {
  const { admin, mine, other, runId, datasetId } = world;
  await t.step("functions tell of the caller's own projects only", async () => {
    await admin`
      insert into assay.deletions (subject_id, subject, project_id)
      values (${runId}, 'run', ${mine}), (${datasetId}, 'dataset', ${mine})`;
    const tables = ["runs", "datasets", "dataset_versions", "jobs"];
    const call = (caller: Persona, table: string) =>
      world.throughPostgrest(
        caller,
        (sql) => sql`select assay.deleted_ids(${table}) as id`,
      );
    for (const table of tables) {
      assert.equal((await call("viewer", table)).length, 1, table);
      for (const caller of ["stranger", "writeKey", "adminKey"] as const) {
        assert.equal((await call(caller, table)).length, 0, table);
      }
    }
    for (const scope of ["any", "read", "ingest", "write", "admin", "x", ""]) {
      for (const caller of PERSONAS) {
        if (caller === "anon") continue;
        const found = await world.throughPostgrest(
          caller,
          (sql) => sql`select assay.project_ids(${scope}) as id`,
        );
        const ids = found.map(({ id }) => id);
        assert.ok(!ids.includes(caller === "stranger" ? mine : other));
        if (caller.endsWith("Key")) assert.deepEqual(ids, []);
      }
    }
    const [keyed] = await world.throughPostgrest(
      "adminKey",
      (sql) => sql`select assay.key_id() as id, assay.user_id() as person`,
    );
    assert.deepEqual({ ...keyed }, { id: null, person: null });
    await assert.rejects(
      world.throughPostgrest(
        "adminKey",
        (sql) => sql`select assay.create_project('x')`,
      ),
      DENIED,
    );
  });

  await t.step("no caller becomes another role", async () => {
    for (const role of ["assay_worker", "postgres", "supabase_storage_admin"]) {
      await assert.rejects(
        world.throughPostgrest(
          "owner",
          (sql) => sql`select set_config('role', ${role}, true)`,
        ),
        role,
      );
      await assert.rejects(
        world.as(
          "owner",
          "assay_edge",
          (sql) => sql`select set_config('role', ${role}, true)`,
        ),
        role,
      );
    }
    await assert.rejects(
      world.as(
        "owner",
        "assay_edge",
        (sql) => sql`select set_config('role', 'service_role', true)`,
      ),
    );
  });

  await t.step("programs read no more of keys than they need", async () => {
    await assert.rejects(
      world.as(
        "adminKey",
        "assay_edge",
        (sql) => sql`select secret_hash from assay.api_keys`,
      ),
      DENIED,
    );
    for (const table of ["api_keys", "members"]) {
      await assert.rejects(
        world.worker`select 1 from assay.${world.worker(table)}`,
        DENIED,
      );
    }
    await assert.rejects(world.worker`select 1 from auth.users`, DENIED);
  });
}
