/**
 * Ends or freezes the process it is loaded into, at the point that a file in `ASSAY_FAULT_DIR` names.
 *
 * The fault suite arms a point by making `<dir>/<point>.kill` or `<dir>/<point>.freeze`, and says in `<point>.passes` at which pass it
 * counts. The process that reaches it then renames the file to `<point>.reached`, notes its id, and signals itself. Nothing is armed:
 * nothing happens.
 *
 * @module
 */
import type { FaultPoint } from "@shared/types/fault.ts";

const SIGNALS = { kill: "SIGKILL", freeze: "SIGSTOP" } as const;

/** Called by the composition roots when `ASSAY_FAULT_MODULE` names this file. */
export async function reached(point: FaultPoint): Promise<void> {
  const folder = Deno.env.get("ASSAY_FAULT_DIR");
  if (!folder) return;
  for (const [action, signal] of Object.entries(SIGNALS)) {
    if (!isArmed(folder, point, action)) continue;
    try {
      Deno.renameSync(
        `${folder}/${point}.${action}`,
        `${folder}/${point}.reached`,
      );
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    Deno.writeTextFileSync(`${folder}/${point}.pid`, String(Deno.pid)); // before the end: it proves that the point was reached
    Deno.kill(Deno.pid, signal);
    // A signal to oneself is delivered soon, not at once: nothing may happen after the point.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Counts a pass of an armed point down; true at the last. */
function isArmed(folder: string, point: FaultPoint, action: string): boolean {
  try {
    Deno.statSync(`${folder}/${point}.${action}`);
    const left = Number(Deno.readTextFileSync(`${folder}/${point}.passes`)) - 1;
    Deno.writeTextFileSync(`${folder}/${point}.passes`, String(left));
    return left <= 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
