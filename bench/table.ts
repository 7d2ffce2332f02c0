import type { Row } from "./subject.ts";

/** Median, least and most of each metric over the cases of a subject, as Markdown. */
export function markdownOf(rows: readonly Row[]): string {
  const groups = Map.groupBy(
    rows,
    (r) => [r.subject, r.metric, r.system].join(" | "),
  );
  const lines = Array.from(groups, ([key, group]) => {
    const values = group.map((r) => r.value).sort((a, b) => a - b);
    const middle = values.length >> 1;
    const median = values.length % 2 === 1
      ? values[middle]!
      : (values[middle - 1]! + values[middle]!) / 2;
    const [least, most] = [values[0]!, values.at(-1)!];
    return `| ${key} | ${values.length} | ${median.toFixed(3)} | ${
      least.toFixed(3)
    } | ${most.toFixed(3)} |`;
  });
  return [
    "| subject | metric | system | cases | median | least | most |",
    "|---|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}
