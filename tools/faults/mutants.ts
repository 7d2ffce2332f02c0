import type { Sql } from "postgres";
import { killAt } from "./kills.ts";
import { makeRun, makeUndisturbed } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import {
  frozenInferring,
  frozenWorker,
  twoWorkers,
} from "./scenarios/workers.ts";
import { tryScenario } from "./suite.ts";
import { startWorld } from "./world.ts";
import type { Workload } from "./workload.ts";

/** A protection that is taken out of the suite's own database, and what must then go wrong. */
interface Mutant {
  readonly name: string;
  /** Function of schema assay, the text to take out of it, and what stands there instead. */
  readonly changes: readonly (readonly [string, RegExp, string])[];
  /** SQL to run before and after, beside them. */
  readonly before?: string;
  readonly after?: string;
  readonly scenario: Scenario;
}

const STUCK_MS = 15_000;

/** The worker is ended before it rings for the next stage. */
const nobodyRings: Scenario = {
  fault: "kill -9 worker",
  point: "stage_completed",
  async once(world, workload) {
    const running = makeRun(world, workload, { limitMs: STUCK_MS });
    await killAt(
      world,
      { victim: "worker", point: "stage_completed" },
      () => 0,
    );
    return { isReached: true, runs: [await running], recoveryMs: null };
  },
};

const MUTANTS: readonly Mutant[] = [
  {
    name: "the fence",
    changes: [
      [
        "complete_task",
        /and t\.lease_token = p_lease_token and t\.state = 'running' and v_job\.state = 'running'/,
        "",
      ],
      [
        "extend_lease",
        /and t\.lease_token = p_lease_token and t\.state = 'running'/,
        "and t.state = 'running'",
      ],
      ["extend_lease", /if not found then return false; end if;/, ""],
    ],
    scenario: frozenWorker,
  },
  {
    name: "the fence of checkpoints",
    changes: [
      [
        "checkpoint_task",
        /and t\.lease_token = p_lease_token and t\.state = 'running' and v_job\.state = 'running'/,
        "",
      ],
      [
        "extend_lease",
        /and t\.lease_token = p_lease_token and t\.state = 'running'/,
        "and t.state = 'running'",
      ],
      ["extend_lease", /if not found then return false; end if;/, ""],
    ],
    scenario: frozenInferring,
  },
  {
    name: "the outbox",
    // No row of it can be written.
    before: `
      create function assay.vanish() returns trigger language plpgsql as 'begin return null; end';
      create trigger vanish before insert on assay.outbox for each row execute function assay.vanish()`,
    after: "drop trigger vanish on assay.outbox; drop function assay.vanish()",
    changes: [
      // What has just been written is rung for at once, as before; nobody rings for what was left.
      [
        "claim_outbox",
        /update assay\.outbox o[^]*returning o\.id, o\.task_id, o\.delay_seconds/,
        "select -n.position, n.id, 0 from unnest(p_task_ids) with ordinality as n (id, position)",
      ],
    ],
    scenario: nobodyRings,
  },
  {
    name: "the lease check",
    changes: [[
      "claim_task",
      /and \(\(t\.state = 'queued' and [^)]*\(\)\) or \(t\.state = 'running' and t\.lease_until < now\(\)\)\)/,
      "",
    ]],
    scenario: twoWorkers,
  },
];

/** What became of a mutant. */
export interface MutantResult {
  readonly name: string;
  readonly scenario: string;
  readonly isCaught: boolean;
  /** What the suite said. */
  readonly words: readonly string[];
}

/** Takes out one protection after the other, and sees whether the suite fails. */
export async function runMutants(
  seed: number,
  say: (line: string) => void,
): Promise<MutantResult[]> {
  const world = await startWorld(say);
  try {
    const workloads = (["outputs", "rescored"] as const)
      .map((kind): Workload => ({ seed, kind }));
    for (const workload of workloads) await makeUndisturbed(world, workload);
    const results: MutantResult[] = [];
    for (const { name, changes, scenario, ...more } of MUTANTS) {
      if (more.before) await world.sql.unsafe(more.before);
      const before = await change(world.sql, changes);
      const workload = workloads.find(({ kind }) =>
        kind === (scenario.kind ?? "outputs")
      )!;
      const calm = await makeRun(world, workload);
      const { row, runs, failures } = await tryScenario(
        world,
        scenario,
        [workload],
        1,
      );
      for (const definition of before) await world.sql.unsafe(definition);
      if (more.after) await world.sql.unsafe(more.after);
      // What is stuck must not go on in the midst of the next one.
      await world
        .sql`delete from assay.jobs where state in ('queued', 'running')`;
      // Without a fault the mutant works: it is the fault that shows it.
      const isCaught = calm.words.length === 0 && row.reached === 1 &&
        row.lost + row.doubled + row.stuck > 0;
      say(`${name} taken out: ${isCaught ? "caught" : "NOT CAUGHT"}`);
      results.push({
        name,
        scenario: `${scenario.fault} at ${scenario.point}`,
        isCaught,
        words: [
          ...calm.words.map((text) => `without a fault: ${text}`),
          ...failures,
          ...runs.flatMap(({ words }) => words),
        ],
      });
    }
    return results;
  } finally {
    await world.stop();
  }
}

/** Replaces text in functions; returns their definitions of before, in the order to put them back. */
async function change(
  sql: Sql,
  changes: Mutant["changes"],
): Promise<string[]> {
  const before: string[] = [];
  for (const [name, pattern, instead] of changes) {
    const [row] = await sql`
      select pg_get_functiondef(p.oid) as definition from pg_proc p
      where p.pronamespace = 'assay'::regnamespace and p.proname = ${name}`;
    const { definition } = row!;
    if (!pattern.test(definition)) {
      throw new Error(
        `Cannot take out a protection: assay.${name}() has no text like ${pattern}`,
      );
    }
    before.unshift(definition);
    await sql.unsafe(definition.replace(pattern, () => instead));
  }
  return before;
}
