const WIDEST = 60;

/**
 * Rows as text: aligned columns, or with `isExpanded` each row as a list of its fields.
 *
 * @param names Columns in order.
 * @param rows Values in the order of the columns.
 */
export function formatTable(
  names: readonly string[],
  rows: readonly (readonly unknown[])[],
  isExpanded = false,
): string {
  if (isExpanded) {
    const width = Math.max(0, ...names.map((name) => widthOf(name)));
    return rows.map((row, i) =>
      [
        `-- row ${i + 1}`,
        ...names.map((name, j) =>
          `${padded(name, width)}  ${withoutControls(textOf(row[j]))}`
        ),
      ].join("\n")
    ).join("\n");
  }
  const cells = rows.map((row) => names.map((_, j) => oneLine(textOf(row[j]))));
  const isNumber = names.map((_, j) =>
    cells.every((row) => /^(-?\d+(\.\d+)?(e[-+]?\d+)?)?$/.test(row[j]!))
  );
  const widths = names.map((name, j) =>
    Math.max(widthOf(name), ...cells.map((row) => widthOf(row[j]!)))
  );
  const line = (texts: readonly string[]) =>
    texts.map((text, j) => padded(text, widths[j]!, isNumber[j])).join("  ")
      .trimEnd();
  return [
    line(names),
    widths.map((width) => "-".repeat(width)).join("  "),
    ...cells.map(line),
  ].join("\n");
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${toHex(value)}`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** A cell of a table stays on its line. */
function oneLine(text: string): string {
  const letters = [...withoutControls(text.replaceAll(/\s+/g, " "))];
  return letters.length > WIDEST
    ? letters.slice(0, WIDEST - 1).join("") + "…"
    : letters.join("");
}

/** What a stranger wrote may not steer the terminal. */
function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, "�");
}

function widthOf(text: string): number {
  return [...text].length;
}

function padded(text: string, width: number, isRight = false): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return isRight ? space + text : text + space;
}
