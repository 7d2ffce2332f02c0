import { runOnce } from "../../examples/mails/one_run.ts";
import { startPlatform } from "../../examples/mails/platform.ts";
import type { Row } from "../subject.ts";

const SEEDS = 5;

/** Injected wrong labels in real mails: Assay's ranking beside sorting by the last epoch's confidence, which is what people do today. */
export async function mails(say: (text: string) => void): Promise<Row[]> {
  const platform = await startPlatform(() => {});
  try {
    const rows: Row[] = [];
    for (let seed = 0; seed < SEEDS; seed++) {
      say(`mails: seed ${seed}`);
      const { grade } = await runOnce(platform, seed, { isQuiet: true });
      const put = (system: string, metric: string, value: number) =>
        rows.push({
          subject: "mails",
          case: `seed ${seed}`,
          system,
          metric,
          value,
        });
      put("assay", "auprc", grade.auprc);
      put("last_epoch_confidence", "auprc", grade.baseline_auprc);
      put("assay", "precision_at_flips", grade.precision_at_flips);
      put("assay", "hard_auroc", grade.hard_auroc);
      put("assay", "duplicates_recall", grade.duplicates.recall);
      put("assay", "duplicates_precision", grade.duplicates.precision);
    }
    return rows;
  } finally {
    await platform.stop();
  }
}
