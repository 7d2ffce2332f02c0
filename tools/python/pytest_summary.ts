import type { TestCounts } from "../test_summary.ts";

/** What a run of pytest came to. */
export interface PytestSummary extends TestCounts {
  /** Why tests were skipped, each reason once. */
  readonly reasons: readonly string[];
}

const LAST_LINE_REGEXP = /^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s\b.*$/;
const SKIP_REGEXP = /^SKIPPED \[\d+\] (?:\S+:\d+|\S+): (.*)$/;
// deno-lint-ignore no-control-regex
const COLOUR_REGEXP = /\x1b\[[0-9;]*m/g;

/**
 * Counts of one `pytest -rs`, read from what it printed. An error in a fixture or a file is a failure, an expected failure is a pass; a
 * process that failed without a failed test (no tests found, a crash) counts as one.
 *
 * @param output All it printed, or its end.
 * @param code Its exit code.
 */
export function parsePytest(output: string, code: number): PytestSummary {
  const lines = output.replaceAll(COLOUR_REGEXP, "").split(/\r?\n/);
  const last = lines.map((line) => LAST_LINE_REGEXP.exec(line)?.[1])
    .findLast((counts) => counts !== undefined) ?? "";
  const counts = new Map<string, number>();
  for (const [, n, word] of last.matchAll(/(\d+) ([a-z]+)/g)) {
    counts.set(word!.replace(/s$/, ""), Number(n));
  }
  const of = (...words: string[]) =>
    words.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0);
  const failed = of("failed", "error");
  const reasons = lines.map((line) => SKIP_REGEXP.exec(line)?.[1])
    .filter((reason) => reason !== undefined);
  return {
    passed: of("passed", "xfailed", "xpassed"),
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: of("skipped"),
    reasons: [...new Set(reasons)],
  };
}
