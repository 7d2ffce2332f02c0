import { medianRow, type Row } from "../subject.ts";

const SEED = / seed \d+$/;

/** Rows of a setting's seeds as one, the median with its spread; others are kept. */
export function foldSeeds(rows: readonly Row[]): Row[] {
  const groups = Map.groupBy(
    rows,
    (r) => [r.subject, r.case.replace(SEED, ""), r.system, r.metric].join("|"),
  );
  return groups.values().map((group) => {
    const [first] = group as [Row];
    if (!SEED.test(first.case)) return first;
    return medianRow(
      { ...keyOf(first), case: first.case.replace(SEED, "") },
      group.map((r) => r.value),
    );
  }).toArray();
}

/** Means over all rows of each system and metric, with their spread. */
export function meansOf(rows: readonly Row[], name: string): Row[] {
  return Map.groupBy(rows, (r) => `${r.system}|${r.metric}`).values().map(
    (group) => {
      const values = group.map((r) => r.value);
      return {
        ...keyOf(group[0]!),
        case: name,
        value: values.reduce((a, b) => a + b, 0) / values.length,
        least: Math.min(...values),
        most: Math.max(...values),
        n: values.length,
      };
    },
  ).toArray();
}

function keyOf({ subject, case: name, system, metric }: Row) {
  return { subject, case: name, system, metric };
}
