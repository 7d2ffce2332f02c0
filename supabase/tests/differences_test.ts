// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import type { Sql } from "postgres";
import { createWorld, type World } from "./personas.ts";

/** Ranks of more than two rows of what is kept. */
const N = 2500;

for (const engine of testEngines()) {
  Deno.test(`differences of revisions on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    try {
      const revisions = await seed(world);
      await tests(t, world, revisions);
    } finally {
      await world.drop();
    }
  });
}

/** Three published revisions of N samples; each sample of the second and third may differ in every way. */
async function seed(
  { admin, mine, runId, datasetId, jobId }: World,
): Promise<string[]> {
  await admin`select setseed(0.5)`;
  await admin`
    insert into assay.samples (project_id, dataset_id, sample_id, content_hash)
    select ${mine}, ${datasetId}, 'd' || i, sha256(i::text::bytea) from generate_series(1, ${N}) i`;
  const ids: string[] = [];
  for (let number = 10; number < 13; number++) {
    const id = crypto.randomUUID();
    ids.push(id);
    await admin`
      insert into assay.revisions (id, project_id, run_id, job_id, number, published_at)
      values (${id}, ${mine}, ${runId}, ${jobId}, ${number}, now())`;
    // the last one is about fewer samples, and its ranks have gaps
    await admin`
      insert into assay.sample_results
        (revision_id, project_id, sample_key, split, rank, suggested_label, mislabeled_probability, issue_type, issue_types)
      select ${id}, ${mine}, s.id, 'training', s.rank, case when s.a < 0.1 then 1 end, case when s.b < 0.5 then 0.25 end, 'clean',
        case when s.c < 0.1 then '{hard}' when s.c < 0.2 then '{outlier,hard}' when s.c < 0.3 then '{outlier}' else '{}' end::text[]
      from (
        select id, random() as a, random() as b, random() as c,
          row_number() over (order by case when ${number} < 12 then id + 400 * random() else random() end) as rank
        from assay.samples where sample_id like 'd%'
      ) s
      where ${number} < 12 or s.rank % 7 <> 0`;
  }
  await admin`analyze assay.sample_results`;
  return ids;
}

/** The definition: all rows of both, one kind of change after the other. */
async function slowly(sql: Sql, from: string, to: string) {
  const rows = await sql`
    select x.rank, y.rank as rank_before, x.issue_types as types, y.issue_types as types_before, x.suggested_label as label,
      y.suggested_label as label_before, x.mislabeled_probability as p, y.mislabeled_probability as p_before
    from assay.sample_results x join assay.sample_results y using (sample_key, split)
    where x.revision_id = ${to} and y.revision_id = ${from} order by x.rank`;
  const ranksOf = (is: (row: typeof rows[number]) => boolean) =>
    rows.filter(is).map((row) => row.rank as number);
  const differ = (row: typeof rows[number]) =>
    String(row.types) !== String(row.types_before);
  const ranks = {
    newly_flagged: ranksOf((r) => !r.types_before.length && r.types.length > 0),
    no_longer_flagged: ranksOf((r) => r.types_before.length && !r.types.length),
    issue_types: ranksOf(differ),
    suggestion: ranksOf((r) => r.label !== r.label_before),
    probability: ranksOf((r) => r.p !== r.p_before),
    rank: ranksOf((r) => r.rank !== r.rank_before),
  };
  const withType = (type: string, is: string, not: string) =>
    ranksOf((r) => r[is].includes(type) && !r[not].includes(type)).length;
  return {
    ranks,
    counts: {
      n_compared: rows.length,
      ...Object.fromEntries(
        Object.entries(ranks).map(([change, all]) => [change, all.length]),
      ),
      by_issue_type: Object.fromEntries(["hard", "outlier"].map((type) => [
        type,
        {
          added: withType(type, "types", "types_before"),
          removed: withType(type, "types_before", "types"),
        },
      ])),
    },
  };
}

const BITS = {
  newly_flagged: 1,
  no_longer_flagged: 2,
  issue_types: 4,
  suggestion: 8,
  probability: 16,
  rank: 32,
};

async function tests(
  t: Deno.TestContext,
  world: World,
  [first, second, third]: string[],
) {
  const { admin } = world;
  const kept = (sql: Pick<Sql, "unsafe"> = admin) =>
    sql.unsafe(
      `select from_revision_id as a, to_revision_id as b, counts from assay.revision_differences
       where from_revision_id in ('${first}', '${second}', '${third}') order by created_at`,
    );

  await t.step(
    "what is kept is what comparing all rows would say",
    async () => {
      for (
        const [from, to] of [[first, second], [second, third], [third, first]]
      ) {
        await admin`select assay.keep_difference(${from!}, ${to!})`;
        const { ranks, counts } = await slowly(admin, from!, to!);
        const [row] = await admin`
          select counts from assay.revision_differences where from_revision_id = ${from!} and to_revision_id = ${to!}`;
        assert.deepEqual(row!.counts, counts);
        for (const [change, bit] of Object.entries(BITS)) {
          const found = await admin`
            select u.rank from assay.revision_difference_ranks d, unnest(d.ranks, d.changes_of_rank) as u (rank, changes)
            where d.from_revision_id = ${from!} and d.to_revision_id = ${to!} and d.changes & ${bit} <> 0 and u.changes & ${bit} <> 0
            order by d.last_rank, u.rank`;
          assert.ok(found.length > 0, change);
          assert.deepEqual(
            found.map((r) => r.rank),
            ranks[change as keyof typeof BITS],
            change,
          );
        }
        const [{ n }] = await admin`
          select count(*)::int as n from assay.revision_difference_ranks
          where from_revision_id = ${from!} and to_revision_id = ${to!}
            and (last_rank is distinct from ranks[cardinality(ranks)] or cardinality(ranks) > 1024)` as unknown as [
          { n: number },
        ];
        assert.equal(n, 0, "some thousand ranks a row, the last one its key");
      }
    },
  );

  await t.step("a pair is counted once", async () => {
    const before = await kept();
    await admin`select assay.keep_difference(${first!}, ${second!})`;
    assert.deepEqual([...await kept()], [...before]);
  });

  await t.step(
    "revisions newer than the statistics are not joined by nested loops",
    async () => {
      const [row] = await admin`
        select proconfig from pg_proc where oid = 'assay.keep_difference'::regproc`;
      assert.ok(row!.proconfig.includes("enable_nestloop=off"));
    },
  );

  await t.step(
    "revisions of two runs, or one that is not there, have no difference",
    async () => {
      const [other] = await admin`
        select id from assay.revisions where project_id = ${world.other} limit 1`;
      for (const id of [other!.id, crypto.randomUUID()]) {
        await assert.rejects(
          admin`select assay.keep_difference(${id}, ${second!})`,
          { code: "P0002" },
        );
      }
    },
  );

  await t.step("who sees both may have them compared", async () => {
    await admin`delete from assay.revision_differences where from_revision_id in ${
      admin([first!, second!, third!])
    }`;
    assert.equal(
      await world.as("viewer", "authenticated", async (sql) => {
        await sql`select assay.compare_revisions(${first!}, ${second!})`;
        return (await kept(sql)).length;
      }),
      1,
    );
    const idOf = async (project: string, role: string) => {
      const [member] = await admin`
        select user_id from assay.members where project_id = ${project} and role = ${role} limit 1`;
      return member!.user_id as string;
    };
    const [ingest] = await admin`
      select id from assay.api_keys where project_id = ${world.mine} and scopes = '{ingest}' limit 1`;
    const member = { sub: await idOf(world.mine, "owner") };
    const stranger = { sub: await idOf(world.other, "owner") };
    const ingestKey = { key_id: ingest!.id, project_id: world.mine };
    // what is kept, seen by the owner of the database, from whom nothing is hidden
    const keptFor = async (claims: object, from: string, to: string) => {
      let n = -1;
      await admin.begin(async (sql) => {
        await sql`select set_config('request.jwt.claims', ${
          JSON.stringify(claims)
        }, true)`;
        await sql`select assay.compare_revisions(${from}, ${to})`;
        n = (await kept(sql)).length;
        throw new Error("undo");
      }).catch((error) => assert.equal(error.message, "undo"));
      return n;
    };
    assert.equal(await keptFor(member, first!, third!), 1);
    assert.equal(await keptFor(stranger, first!, third!), 0);
    assert.equal(await keptFor(ingestKey, first!, third!), 0);
    assert.equal(await keptFor(member, first!, world.hiddenRevisionId), 0);
    const [other] = await admin`
      select id from assay.revisions where project_id = ${world.other} and published_at is not null limit 1`;
    assert.equal(await keptFor(member, first!, other!.id), 0);
  });

  await t.step("the worker may keep and remove them", async () => {
    await world.worker`select assay.keep_difference(${first!}, ${second!})`;
    assert.equal((await kept()).length, 1);
    await world
      .worker`delete from assay.revision_differences where to_revision_id = ${second!}`;
    assert.equal((await kept()).length, 0);
  });

  await t.step("the newest 32 of a run stay, of living revisions", async () => {
    await admin`
      with more as (
        insert into assay.revisions (id, project_id, run_id, job_id)
        select gen_random_uuid(), project_id, run_id, job_id from assay.revisions, generate_series(1, 40) where id = ${first!}
        returning id
      )
      insert into assay.revision_differences (to_revision_id, from_revision_id, project_id, run_id, counts, created_at)
      select m.id, ${first!}, ${world.mine}, ${world.runId}, '{}', now() - interval '1 hour' from more m`;
    await admin`select assay.keep_difference(${first!}, ${third!})`;
    const rows = await kept();
    assert.ok(rows.some((row) => row.b === third));
    const [{ n }] = await admin`
      select count(*)::int as n from assay.revision_differences where run_id = ${world.runId}` as unknown as [
      { n: number },
    ];
    assert.equal(n, 32);
    await admin`delete from assay.revisions where id = ${third!}`;
    assert.ok((await kept()).every((row) => row.b !== third));
    const [{ left }] = await admin`
      select count(*)::int as left from assay.revision_difference_ranks where to_revision_id = ${third!}` as unknown as [
      { left: number },
    ];
    assert.equal(left, 0);
  });
}
