// deno-lint-ignore-file camelcase -- columns of the JSON file
/** One line of the table: a fault at a point, over all times it was tried. */
export interface ReportRow {
  readonly fault: string;
  readonly point: string;
  /** Runs in flight when it happened. */
  readonly runs: number;
  /** How often it happened where it was to happen. */
  readonly reached: number;
  /** Rows, parts and runs that are missing. */
  readonly lost: number;
  /** Rows, parts, jobs and published revisions beyond those of undisturbed runs. */
  readonly doubled: number;
  /** Runs, jobs and tasks that did not end. */
  readonly stuck: number;
  /** Seconds until all was well again, each time. */
  readonly recoveries: readonly number[];
}

/** What the report says beside its rows. */
export interface ReportHead {
  readonly seed: number;
  readonly isQuick: boolean;
  readonly runs: number;
  readonly kills: number;
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  /** How the disk was filled. */
  readonly disk: string;
}

/** A row as the JSON file has it. */
export interface JsonRow {
  readonly fault: string;
  readonly point: string;
  readonly runs: number;
  readonly reached: number;
  readonly lost: number;
  readonly doubled: number;
  readonly stuck: number;
  readonly recovery_s_median: number | null;
  readonly recovery_s_max: number | null;
}

/** Rows in the form of the JSON file. */
export function toJson(rows: readonly ReportRow[]): JsonRow[] {
  return rows.map(({ recoveries, ...row }) => ({
    ...row,
    recovery_s_median: round(median(recoveries)),
    recovery_s_max: round(
      recoveries.length === 0 ? null : Math.max(...recoveries),
    ),
  }));
}

/** The table, in columns of equal width, as Markdown has it. */
export function toTable(rows: readonly JsonRow[]): string {
  const head = [
    "fault",
    "point",
    "runs",
    "reached",
    "lost",
    "doubled",
    "stuck",
    "recovery median, s",
    "max, s",
  ];
  const cells = rows.map((row) =>
    Object.values(row).map((value) =>
      value === null ? "–" : typeof value === "string" ? value : String(value)
    )
  );
  const widths = head.map((name, i) =>
    Math.max(name.length, ...cells.map((row) => row[i]!.length))
  );
  const line = (row: readonly string[]) =>
    `| ${
      row.map((cell, i) =>
        i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
      ).join(" | ")
    } |`;
  const rule = widths.map((w, i) =>
    i < 2 ? "-".repeat(w) : `${"-".repeat(w - 1)}:`
  );
  return [line(head), line(rule), ...cells.map(line)].join("\n");
}

/** The reliability page. */
export function toPage(
  head: ReportHead,
  rows: readonly JsonRow[],
  date: string,
): string {
  const sum = (name: "lost" | "doubled" | "stuck") =>
    rows.reduce((total, row) => total + row[name], 0);
  const versions = Object.entries(head.versions)
    .map(([name, version]) => `${name} ${version}`).join(", ");
  return `<!-- Written by \`deno task faults\`; do not edit. -->
# Reliability

What became of ${head.runs} seeded runs while the processes of one platform were ended at named points ${head.kills} times, and worse. After each, the
published rows were compared with those of an undisturbed run, row by row: **${
    sum("lost")
  } lost, ${sum("doubled")} doubled, ${sum("stuck")} stuck**.

${date}, seed ${head.seed}, ${
    Math.round(head.seconds / 60)
  } minutes on ${navigator.hardwareConcurrency} cores. ${versions}. Again: \`deno task faults --seed ${head.seed}\`.

- Each process is ended at every point where it has a part in what happens there or right after, five times; other faults happen twice.
- Runs are scored by the outputs of a training, by what their samples hold alone, or twice more: with verdicts and another threshold, and by a stored
  model, whose outputs are kept in a block a batch here. What is compared is the last revision.
- A kill counts only when the point was reached: the process that passes it ends the other one, or itself, and notes it before anything else
  happens. Points are in \`shared/types/fault.ts\` and \`tools/faults/points.ts\`. Several runs are in flight at each; \`runs\` counts them all, and
  a difference in any of them would be counted at every fault it met.
- A run is a training in a process of its own that logs with the TypeScript SDK, or with the Python SDK where the table says so; one that is
  killed is started again and logs the same run anew. A run that takes more than five minutes for each time it is scored is stuck.
- Recovery of a kill: until the process answers again and the run that was at the point goes on, whichever is later. Of a fault that lasts: from its
  end until the runs it met are published. Leases last 3 s and sweepers look each second here (60 s and a minute by default).
- No more processes are ended while a task has used three of its five attempts: a job whose worker dies five times fails, as it should.
- Disk full: ${head.disk}. Storage's answers are given in its place within the worker and the function. Clocks are set wrong within the process. While
  the queue is down it is frozen and its callers are refused; the hour passes by setting back the times of doorbells, tasks and messages.
- How much it bears is measured elsewhere: \`bench/LIMITS.md\`.
- \`deno task faults --mutants\` takes out the fences, the outbox and the lease check in turn, and fails if this suite does not notice.

${toTable(rows)}
`;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]!
    : (sorted[half - 1]! + sorted[half]!) / 2;
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}
