import type { Row } from "./subject.ts";

/** Rows as Markdown: a table a subject, a line a case and metric, a column a system, each the median with least and most where there are several. */
export function markdownOf(rows: readonly Row[]): string {
  return Array.from(
    Map.groupBy(rows, (row) => row.subject),
    ([subject, group]) => `### ${subject}\n\n${tableOf(group)}`,
  ).join("\n\n");
}

/** The rows of one subject as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const systems = [...new Set(rows.map((row) => row.system))];
  const lines = Array.from(
    Map.groupBy(rows, (row) => `| ${row.case} | ${row.metric} |`),
    ([key, cells]) =>
      key + systems.map((system) => {
        const found = cells.filter((row) => row.system === system);
        return ` ${found.map(cellOf).join(", ")} |`;
      }).join(""),
  );
  return [
    `| case | metric | ${systems.join(" | ")} |`,
    `|---|---|${"--:|".repeat(systems.length)}`,
    ...lines,
  ].join("\n");
}

function cellOf({ value, least, most, n }: Row): string {
  if (n === undefined || n < 2) return short(value);
  return `${short(value)} (${short(least!)}–${short(most!)})`;
}

/** Four digits that count, and no more than three after the point. */
function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.max(0, Math.min(3, 3 - digits)));
}
