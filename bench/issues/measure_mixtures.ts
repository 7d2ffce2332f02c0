import { averagePrecision, f1Of } from "../labels/metrics.ts";
import { noBenchData, type PeerPython } from "../peers.ts";
import { medianRow, type Row, type SubjectNotes } from "../subject.ts";
import { askAll, type Said, type SharedIssue } from "./mixture.ts";
import type { MixtureMaker } from "./outlier_mixtures.ts";

const SEEDS = [0, 1, 2];

/** Average precision of each side's scores and F1 of its flags, on three seeds of each mixture; where nothing is odd, the share that is flagged. */
export async function measureMixtures(
  subject: string,
  issue: SharedIssue,
  makers: readonly MixtureMaker[],
  { python, say, notes }: {
    readonly python: PeerPython;
    readonly say: (text: string) => void;
    readonly notes: SubjectNotes;
  },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, data, make, seeds = SEEDS } of makers) {
    const found = new Map<string, number[]>();
    const put = (key: string, value: number) =>
      found.set(key, [...found.get(key) ?? [], value]);
    for (const seed of seeds) {
      const mixture = await make({ python, say }, seed);
      if (!mixture) {
        notes.skip(name, noBenchData(data ?? name));
        break;
      }
      say(
        `${subject}: ${name}, seed ${seed}, ${mixture.labels.length} samples`,
      );
      const said = await askAll(mixture, issue, python);
      const hasOdd = mixture.isOdd.includes(1);
      for (const [system, { scores, flags }] of Object.entries<Said>(said)) {
        if (!hasOdd) {
          if (flags) put(`${system} flagged_share`, shareOf(flags));
          continue;
        }
        put(
          `${system} average_precision`,
          averagePrecision(scores, mixture.isOdd),
        );
        if (flags) put(`${system} f1`, f1Of(flags, mixture.isOdd));
      }
    }
    for (const [key, values] of found) {
      say(`  ${key}: ${values.map((x) => x.toFixed(3)).join(", ")}`);
      const [system, metric] = key.split(" ") as [string, string];
      rows.push(medianRow({ subject, case: name, system, metric }, values));
    }
  }
  return rows;
}

function shareOf(flags: ArrayLike<number>): number {
  return Array.from(flags).filter((x) => x).length / flags.length;
}
