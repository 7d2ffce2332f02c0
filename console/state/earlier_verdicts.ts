import type { Client } from "../api/client.ts";
import type { Said } from "./tally.ts";

const MOST_PAGES = 40;

/** What was said about the run's samples before this visit, as far as 20,000 verdicts go. */
export async function earlierVerdicts(
  client: Pick<Client, "verdicts">,
  runId: string,
): Promise<Said[]> {
  const said: Said[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { rows, next_cursor }: Awaited<ReturnType<Client["verdicts"]>> =
      await client.verdicts(runId, { limit: 500, cursor });
    for (const { sample_id, verdict, created_at } of rows) {
      said.push({ sampleId: sample_id, verdict, at: Date.parse(created_at) });
    }
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return said;
}
