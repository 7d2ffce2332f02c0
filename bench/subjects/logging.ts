import { fileURLToPath } from "node:url";
import { startPlatform } from "../../examples/mails/platform.ts";
import { ensureVenv, TEST_REQUIREMENTS } from "../../tools/python/venv.ts";
import type { Row } from "../subject.ts";

const TURNS = 40;
const METRICS = [
  "median_ms",
  "p99_ms",
  "added_median_ms",
  "added_median_percent",
  "added_p99_ms",
  "added_p99_percent",
] as const;

type Measured =
  & { readonly system: string }
  & Readonly<Record<typeof METRICS[number], number>>;

/** What logging every batch of a PyTorch loop adds to a step of 5 ms: Assay beside other trackers that log the same arrays. */
export async function logging(say: (text: string) => void): Promise<Row[]> {
  const python = await ensureVenv(
    [...TEST_REQUIREMENTS, path("../python/requirements.txt")],
    { onProgress: say },
  );
  const platform = await startPlatform(() => {});
  const folder = await Deno.makeTempDir();
  try {
    say(`logging: ${TURNS} turns`);
    const file = `${folder}/rows.json`;
    const { success } = await new Deno.Command(python, {
      args: [
        path("../python/bench_logging.py"),
        `--turns=${TURNS}`,
        `--json=${file}`,
      ],
      env: {
        PYTHONPATH: path("../../sdk/python/src"),
        ASSAY_URL: platform.url,
        ASSAY_API_KEY: platform.apiKey,
      },
      stdout: "null",
      stderr: "inherit",
    }).output();
    if (!success) throw new Error("Cannot measure logging: see above");
    return rowsOf(JSON.parse(await Deno.readTextFile(file)));
  } finally {
    await Deno.remove(folder, { recursive: true });
    await platform.stop();
  }
}

function rowsOf(measured: readonly Measured[]): Row[] {
  return measured.flatMap((row) =>
    METRICS.map((metric) => ({
      subject: "logging",
      case: "step of 5 ms",
      system: row.system,
      metric,
      value: row[metric],
    }))
  );
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
