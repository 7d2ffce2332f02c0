import { startPlatform } from "@testing/platform.ts";

/** A platform with something to find in it, and how to reach that. */
export interface ServedPlatform {
  /** Base URL of the functions. */
  readonly url: string;
  readonly apiKey: string;
  readonly projectId: string;
  readonly datasetId: string;
  /** A run that is scored. */
  readonly runId: string;
  /** Its job. */
  readonly jobId: string;
  /** A run that takes parts, and goes on taking them when some writers finish. */
  readonly openRunId: string;
  /** A folder for the test's own files; removed at the end. */
  readonly folder: string;
  stop(): Promise<void>;
}

const N_SAMPLES = 30;
const TEXTS = ["lunch after the meeting", "free prize for the winner"];

/** Starts the whole platform on this machine, and logs and scores a run. */
export async function servePlatform(): Promise<ServedPlatform> {
  const home = await Deno.makeTempDir({ prefix: "assay-fuzz-" });
  const folder = await Deno.makeTempDir({ prefix: "assay-fuzz-files-" });
  await Deno.chmod(home, 0o755); // the database may have to run as another user
  const platform = await startPlatform({
    home,
    port: 0,
    isAnnounced: false,
    env: { ASSAY_FAILURES_PER_ADDRESS: "0", ASSAY_REQUESTS_PER_CALLER: "0" },
  });
  const stop = async () => {
    await platform.stop();
    await Deno.remove(home, { recursive: true });
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const url = `${platform.url}/functions/v1`;
    const { apiKey, projectId } = platform;
    return {
      url,
      apiKey,
      projectId,
      folder,
      stop,
      ...await logRuns(clientOf(url, apiKey)),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Client = (
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
  // deno-lint-ignore no-explicit-any -- answers of many shapes
) => Promise<any>;

function clientOf(url: string, apiKey: string): Client {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...headers },
      ...body === undefined ? {} : { body },
    });
    const answer = await response.json();
    if (response.ok) return answer;
    throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  };
}

async function logRuns(ask: Client) {
  const [runId, openRunId] = [crypto.randomUUID(), crypto.randomUUID()];
  const run = { "label_names": ["ham", "spam"] };
  const { dataset_id: datasetId } = await ask(
    "PUT",
    `/ingest/v1/runs/${runId}`,
    JSON.stringify(run),
  );
  await ask(
    "PUT",
    `/ingest/v1/runs/${openRunId}`,
    JSON.stringify({ ...run, writers: 4_096 }),
  );
  const part = (kind: string, row: (i: number) => object) =>
    ask(
      "POST",
      `/ingest/v1/runs/${runId}/parts?kind=${kind}&split=training&seq=0`,
      Array.from({ length: N_SAMPLES }, (_, i) => JSON.stringify(row(i)))
        .join("\n"),
      { "idempotency-key": kind, "content-type": "application/x-ndjson" },
    );
  await part("samples", (i) => ({
    id: `s${i}`,
    label: i % 2,
    text: `${TEXTS[i % 2]} ${i}`,
  }));
  await part("outputs", (i) => ({
    id: `s${i}`,
    logits: i % 2 === 0 ? [2, 0] : [0, 2],
  }));
  const { job_id: jobId } = await ask(
    "POST",
    `/ingest/v1/runs/${runId}/finish`,
  );
  while (true) {
    const { state, error } = await ask("GET", `/api/v1/jobs/${jobId}`);
    if (state === "succeeded") return { runId, openRunId, datasetId, jobId };
    if (state === "failed") throw new Error(error);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
