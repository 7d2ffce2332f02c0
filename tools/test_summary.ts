/** How many tests ended how. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const SUMMARY_REGEXP =
  /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?(?: \((\d+) steps?\))?/;
// deno-lint-ignore no-control-regex
const COLOUR_REGEXP = /\x1b\[[0-9;]*m/g;

/**
 * Counts of one `deno test`, read from what it printed. A process that failed without a failed test (a type error, a leaked crash) counts
 * as one.
 *
 * @param output All it printed, or its end.
 * @param code Its exit code.
 */
export function parseSummary(output: string, code: number): TestCounts {
  const lines = output.replaceAll(COLOUR_REGEXP, "").split("\n");
  const match = lines.map((line) => SUMMARY_REGEXP.exec(line)).findLast((m) =>
    m
  );
  const [passed = 0, failed = 0, ignored = 0, ignoredSteps = 0] = match
    ? match.slice(1).map((text) => Number(text ?? 0))
    : [];
  return {
    passed,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: ignored + ignoredSteps,
  };
}

/**
 * What a run of `deno test` or pytest says of its failures, to be said again where a long log ends: from the first section of errors on,
 * without colours.
 *
 * @param output All it printed, or its end.
 * @param limit Most characters; of more, the end.
 * @returns Lines; empty if nothing failed, or nothing was said of it.
 */
export function failureReport(output: string, limit = 8_000): string {
  const text = output.replaceAll(COLOUR_REGEXP, "").replaceAll("\r\n", "\n");
  const start = /^(?: ERRORS $|=+ (?:ERRORS|FAILURES) =+$)/m.exec(text)?.index;
  return start === undefined ? "" : text.slice(start).trim().slice(-limit);
}

/** Sum of several. */
export function sumCounts(counts: readonly TestCounts[]): TestCounts {
  return counts.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }), { passed: 0, failed: 0, skipped: 0 });
}
