import { setTimeout as delay } from "node:timers/promises";
import { compare } from "../rows.ts";
import type { Scenario } from "../scenario.ts";
import {
  LABEL_NAMES,
  makeRows,
  partsOf,
  scoringsOf,
  type Workload,
} from "../workload.ts";
import { nameOf, until, type World } from "../world.ts";

interface Part {
  readonly query: Readonly<Record<string, string>>;
  readonly rows: readonly object[];
}

/**
 * A writer was started again with a higher generation; parts of its earlier life, with other numbers, arrive between the new ones, and once
 * more after the run was closed.
 */
export const lateParts: Scenario = {
  fault: "late parts of an older generation",
  point: "upload_recorded",
  async once(world, workload) {
    const startedAt = Date.now();
    const runId = crypto.randomUUID();
    const send = sender(world, runId);
    const newer = partsFrom(workload);
    // The same samples: what a training says of them is what changes when it is started again.
    const other = partsFrom({ ...workload, seed: workload.seed + 1000 });
    const older = newer.map((part, i) =>
      part.query.kind === "samples" ? part : other[i]!
    );
    await send("PUT", "", { name: "faults", label_names: LABEL_NAMES });
    const put = (part: Part, generation: number) =>
      send(
        "POST",
        `/parts?${new URLSearchParams({
          ...part.query,
          generation: `${generation}`,
        })}`,
        part.rows,
        `${generation} ${JSON.stringify(part.query)}`,
      );
    const statuses: number[] = [];
    for (const [i, part] of newer.entries()) {
      await put(part, 1);
      if (i % 2 === 0) statuses.push((await put(older[i]!, 0)).status);
    }
    const { body } = await send("POST", "/finish", {
      generation: 1,
      manifest: manifestOf(newer),
    });
    const refused = (await put(older[1]!, 0)).status;
    const isEnded = await until("the run is scored", 60_000, async () => {
      const [job] = await world
        .sql`select state from assay.jobs where id = ${body.job_id as string}`;
      return job!.state === "succeeded" || null;
    }).catch(() => false);
    const wanted = world.undisturbed.get(nameOf(workload))!;
    const nParts = partsOf(workload) + statuses.length;
    const difference = await compare(
      world.sql,
      runId,
      wanted,
      nParts,
      scoringsOf(workload),
    );
    return {
      isReached: statuses.length > 0 && statuses.every((s) => s === 201) &&
        refused === 409,
      runs: [{
        runId,
        workload,
        startedAt,
        endedAt: Date.now(),
        trainings: [],
        ids: [runId],
        ...difference,
        stuck: difference.stuck + (isEnded ? 0 : 1),
      }],
      recoveryMs: null,
    };
  },
};

function partsFrom(workload: Workload): Part[] {
  const { samples, epochs } = makeRows(workload);
  const at = (kind: string, epoch: number, seq: number) => ({
    kind,
    split: "training",
    epoch: `${epoch}`,
    seq: `${seq}`,
  });
  return [
    ...samples.map(({ ids, labels, texts, metadata }, seq) => ({
      query: at("samples", 0, seq),
      rows: ids.map((id, i) => ({
        id,
        label: labels[i],
        text: texts[i],
        folder: metadata.folder[i],
      })),
    })),
    ...epochs.flatMap((halves, epoch) =>
      halves.map(({ ids, logits, embeddings }, seq) => ({
        query: at("outputs", epoch, seq),
        rows: ids.map((id, i) => ({
          id,
          logits: row(logits, ids.length, i),
          embedding: row(embeddings, ids.length, i),
        })),
      }))
    ),
  ];
}

function row(values: Float32Array, rows: number, i: number): number[] {
  const width = values.length / rows;
  return [...values.subarray(i * width, (i + 1) * width)];
}

function manifestOf(parts: readonly Part[]): object[] {
  const groups = Map.groupBy(
    parts,
    ({ query }) => `${query.kind} ${query.epoch}`,
  );
  return [...groups.values()].map((group) => ({
    part_kind: group[0]!.query.kind,
    split: "training",
    epoch: Number(group[0]!.query.epoch),
    parts: group.length,
    rows: group.reduce((n, part) => n + part.rows.length, 0),
  }));
}

function sender({ platform }: World, runId: string) {
  return async (
    method: string,
    path: string,
    json: unknown,
    key?: string,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    for (let attempt = 0;; attempt++) {
      const response = await fetch(
        `${platform.url}/functions/v1/ingest/v1/runs/${runId}${path}`,
        {
          method,
          headers: {
            authorization: `Bearer ${platform.apiKey}`,
            "content-type": "application/json",
            ...key ? { "idempotency-key": key } : {},
          },
          body: JSON.stringify(json),
        },
      );
      const body = await response.json();
      if (response.status < 500 || attempt === 20) {
        return { status: response.status, body };
      }
      await delay(200);
    }
  };
}
