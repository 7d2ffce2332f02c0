/**
 * Loaded into every process of the platform while the suite runs: ends or freezes processes at named points, sets clocks wrong, answers in
 * the place of Storage and the queue, and makes the disk full. Files in `ASSAY_FAULT_DIR` say what is to happen; without them nothing does.
 *
 * A point is armed by `<point>.kill` or `<point>.freeze`, which holds whom to signal, and `<point>.passes`, at which pass. Whoever reaches
 * it then takes the file, signals, and notes it in `<point>.hit`: the proof that the point was reached.
 *
 * @module
 */
import type { Point } from "./points.ts";
import { injectAnswers, injectFullDisk, skewClock } from "./inject.ts";

/** Whom an armed point signals: this process itself, a process by its id, or the training that the point is about. */
export type Target = "self" | "client" | number;

/** What is noted of a point that was reached. */
export interface Hit {
  /** When, milliseconds since 1970. */
  readonly at: number;
  /** Who was signalled; null: nobody was there. */
  readonly pid: number | null;
  /** Id or path the point was about. */
  readonly subject: string;
}

const SIGNALS = { kill: "SIGKILL", freeze: "SIGSTOP" } as const;
const UUID_REGEXP = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

const folder = Deno.env.get("ASSAY_FAULT_DIR");
if (folder) {
  skewClock(folder);
  injectAnswers(folder);
  injectFullDisk(folder);
}

/** Called by the composition roots when `ASSAY_FAULT_MODULE` names this file, and by the suite's trainings. */
export async function reached(point: Point, subject = ""): Promise<void> {
  if (!folder) return;
  Deno.writeTextFileSync(
    `${folder}/trace`,
    `${Date.now()}\t${point}\t${subject.replaceAll(/\s/g, " ")}\n`,
    { append: true },
  );
  for (const [action, signal] of Object.entries(SIGNALS)) {
    const path = `${folder}/${point}.${action}`;
    if (!isArmed(folder, point, path)) continue;
    const taken = `${folder}/${point}.taken`;
    try {
      Deno.renameSync(path, taken);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue; // another was first
      throw error;
    }
    const target: Target = JSON.parse(Deno.readTextFileSync(taken));
    const pid = target === "self"
      ? Deno.pid
      : target === "client"
      ? clientOf(folder, subject)
      : target;
    const note = (hit: Hit) => {
      Deno.writeTextFileSync(`${taken}.making`, JSON.stringify(hit));
      Deno.renameSync(`${taken}.making`, `${folder}/${point}.hit`);
    };
    const hit = { at: Date.now(), pid, subject };
    if (pid === Deno.pid) {
      note(hit); // before the end
      Deno.kill(pid, signal);
      // A signal to oneself is delivered soon, not at once: nothing may happen after the point.
      await new Promise((resolve) => setTimeout(resolve, 50));
    } else note(wasSignalled(pid, signal) ? hit : { ...hit, pid: null });
  }
}

/** Counts a pass of an armed point down; true at the last. */
function isArmed(folder: string, point: Point, path: string): boolean {
  try {
    Deno.statSync(path);
    const passes = `${folder}/${point}.passes`;
    const left = Number(Deno.readTextFileSync(passes)) - 1;
    Deno.writeTextFileSync(passes, String(left));
    return left <= 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The training of the run that the subject names; any that runs where it names none. */
function clientOf(folder: string, subject: string): number | null {
  const clients = `${folder}/clients`;
  const named: readonly string[] = subject.match(UUID_REGEXP) ?? [];
  const running = [...Deno.readDirSync(clients)].map(({ name }) => name);
  const runId = running.find((name) => named.includes(name)) ?? running[0];
  if (runId === undefined) return null;
  try {
    return Number(Deno.readTextFileSync(`${clients}/${runId}`)) || null;
  } catch {
    return null; // it has just ended
  }
}

function wasSignalled(pid: number | null, signal: Deno.Signal): boolean {
  try {
    if (pid !== null) Deno.kill(pid, signal);
    return pid !== null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
