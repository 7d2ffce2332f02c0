import postgres from "postgres";
import { Transport } from "../../sdk/typescript/transport.ts";
import { type Installation, serviceKey } from "../../local/installation.ts";
import type { Platform } from "../../local/supervisor/mod.ts";
import { noise, quantileOf } from "./platform.ts";
import { cpuByName } from "./processes.ts";

/** What it takes to write the same bytes by one way. */
export interface Writing {
  /** MB (1,048,576 bytes) a second, the median of the rounds. */
  readonly mbPerSecond: number;
  /** Seconds from sending a part to its answer. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of CPU for each part, by process. */
  readonly cpuMs: ReadonlyMap<string, number>;
}

/** What many writers at once came to. */
export interface WritersResult {
  readonly nWriters: number;
  readonly partsEach: number;
  readonly ingest: Writing;
  readonly raw: Writing;
  /** Throughput of ingest as a share of raw, the median of the rounds. */
  readonly ratio: number;
  /** Parts that were acknowledged. */
  readonly nAcknowledged: number;
  /** Of those: without a row, without an object, or with other bytes than were sent. */
  readonly nLost: number;
}

const N_WRITERS = 64;
const PART_BYTES = 256 * 1024;
const ROUNDS = 4;
const LOOK_AT_ONCE = 16;

type Send = (
  writer: number,
  seq: number,
  bytes: Uint8Array<ArrayBuffer>,
) => Promise<void>;

/**
 * Lets 64 writers send parts of 256 KB at once, each the next as soon as one is taken: through ingest by the SDK's transport, and the same
 * bytes straight to Storage. Both ways take turns, a quarter of the parts each, so that what else the machine does hits both.
 */
export async function measureWriters(
  platform: Platform,
  installation: Installation,
  partsEach: number,
  say: (text: string) => void,
): Promise<WritersResult> {
  const { url, apiKey } = platform;
  const runId = crypto.randomUUID();
  const transport = new Transport({ url, apiKey });
  await transport.send({
    method: "PUT",
    path: `ingest/v1/runs/${runId}`,
    body: { label_names: ["a"], writers: N_WRITERS },
  });
  const key = await serviceKey(installation);
  const receipts = new Map<string, { sha256: string; path: string }>();
  const ingest: Send = async (writer, seq, bytes) => {
    const { part_id: partId, sha256 } = await transport.send<
      { part_id: string; sha256: string }
    >({
      method: "POST",
      path:
        `ingest/v1/runs/${runId}/parts?kind=outputs&split=training&epoch=0&writer=${writer}&seq=${seq}`,
      bytes,
      headers: {
        "content-type": "application/vnd.apache.arrow.stream",
        "idempotency-key": `${writer}-${seq}`,
      },
    });
    const path = `${platform.projectId}/${runId}/parts/${partId}`;
    receipts.set(partId, { sha256, path });
  };
  const raw: Send = async (writer, seq, bytes) => {
    const response = await fetch(
      `${url}/storage/v1/object/runs/raw/${runId}/${writer}-${seq}`,
      {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/vnd.apache.arrow.stream",
        },
        body: bytes,
      },
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot write to Storage: ${text}`);
  };

  const ways = { raw: new Tally(), ingest: new Tally() };
  const perRound = Math.ceil(partsEach / ROUNDS);
  for (const send of [raw, ingest]) await writeAll(send, 0, 1, new Tally());
  for (let round = 0; round < ROUNDS; round++) {
    const first = 1 + round * perRound;
    for (const [name, send] of [["raw", raw], ["ingest", ingest]] as const) {
      const before = await cpuByName(platform.processes);
      await writeAll(send, first, perRound, ways[name]);
      ways[name].addCpu(before, await cpuByName(platform.processes));
      say(
        `writers: round ${round + 1} of ${ROUNDS}, ${name} ${
          ways[name].speeds.at(-1)!.toFixed(0)
        } MB/s`,
      );
    }
  }
  const ratios = ways.ingest.speeds.map((speed, i) =>
    speed / ways.raw.speeds[i]!
  );
  return {
    nWriters: N_WRITERS,
    partsEach: perRound * ROUNDS,
    ingest: ways.ingest.writing(),
    raw: ways.raw.writing(),
    ratio: median(ratios),
    nAcknowledged: receipts.size,
    nLost: await countLost(platform, key, runId, receipts),
  };
}

/** Numbers of one way, round after round. */
class Tally {
  readonly speeds: number[] = [];
  readonly seconds: number[] = [];
  readonly #cpu = new Map<string, number>();

  addCpu(
    before: ReadonlyMap<string, number>,
    after: ReadonlyMap<string, number>,
  ): void {
    for (const [name, seconds] of after) {
      const spent = seconds - (before.get(name) ?? 0);
      this.#cpu.set(name, (this.#cpu.get(name) ?? 0) + spent);
    }
  }

  writing(): Writing {
    const each = 1000 / this.seconds.length;
    return {
      mbPerSecond: median(this.speeds),
      p50: quantileOf(this.seconds, 0.5),
      p99: quantileOf(this.seconds, 0.99),
      cpuMs: new Map(Array.from(this.#cpu, ([name, s]) => [name, s * each])),
    };
  }
}

async function writeAll(
  send: Send,
  first: number,
  count: number,
  tally: Tally,
): Promise<void> {
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: N_WRITERS }, async (_, writer) => {
      for (let seq = first; seq < first + count; seq++) {
        const bytes = partOf(writer, seq);
        const sentAt = performance.now();
        await send(writer, seq, bytes);
        tally.seconds.push((performance.now() - sentAt) / 1000);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  tally.speeds.push(N_WRITERS * count * PART_BYTES / 1_048_576 / seconds);
}

const pattern = noise(PART_BYTES, "writers");

/** The bytes of a part: no two are the same. */
function partOf(writer: number, seq: number): Uint8Array<ArrayBuffer> {
  const bytes = pattern.slice();
  new DataView(bytes.buffer).setUint32(0, writer);
  new DataView(bytes.buffer).setUint32(4, seq);
  return bytes;
}

async function countLost(
  platform: Platform,
  key: string,
  runId: string,
  receipts: ReadonlyMap<string, { sha256: string; path: string }>,
): Promise<number> {
  const sql = postgres(platform.databaseUrl, { prepare: false, max: 1 });
  const rows = await sql`
    select id, encode(sha256, 'hex') as sha256, storage_path, writer, seq from assay.parts where run_id = ${runId}`;
  await sql.end();
  const known = new Map(rows.map((row) => [row.id, row]));
  let lost = 0;
  const left = [...receipts];
  const look = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [partId, { sha256, path }] = next;
      const row = known.get(partId);
      const response = await fetch(
        `${platform.url}/storage/v1/object/runs/${path}`,
        { headers: { authorization: `Bearer ${key}` } },
      );
      const stored = await response.bytes();
      const sent = row && partOf(Number(row.writer), row.seq);
      const hash = await crypto.subtle.digest("SHA-256", stored);
      const isThere = response.ok && row?.storage_path === path &&
        row.sha256 === sha256 && new Uint8Array(hash).toHex() === sha256 &&
        sent?.length === stored.length &&
        sent.every((byte, i) => byte === stored[i]);
      if (!isThere) lost++;
    }
  };
  await Promise.all(Array.from({ length: LOOK_AT_ONCE }, look));
  return lost;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
