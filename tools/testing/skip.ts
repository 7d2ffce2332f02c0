/**
 * Options of a test that cannot run on every machine: `Deno.test({ name, ...skipIf(noChromium()), fn })`. The reason reaches the end of
 * `deno task test`; in CI a skipped test is a failed one.
 *
 * @param reason Why it cannot run here; null: it can.
 */
export function skipIf(reason: string | null): { ignore: boolean } {
  const notes = Deno.env.get("ASSAY_TEST_SKIPS");
  if (reason !== null && notes) {
    Deno.writeTextFileSync(notes, reason + "\n", { append: true });
  }
  return { ignore: reason !== null };
}
