import assert from "node:assert/strict";
import { failureReport, parseSummary } from "./test_summary.ts";

const CASES: readonly [string, number, [number, number, number]][] = [
  ["ok | 32 passed | 0 failed (39ms)", 0, [32, 0, 0]],
  ["ok | 3 passed (710 steps) | 0 failed | 1 ignored (12s)", 0, [3, 0, 1]],
  ["ok | 3 passed (7 steps) | 0 failed | 0 ignored (2 steps) (12s)", 0, [
    3,
    0,
    2,
  ]],
  ["FAILED | 3 passed (7 steps) | 2 failed (4 steps) | 1 ignored (1m)", 1, [
    3,
    2,
    1,
  ]],
  [
    "\x1b[0m\x1b[32mok\x1b[0m | 5 passed | 0 failed \x1b[38;5;245m(1s)\x1b[0m",
    0,
    [5, 0, 0],
  ],
  ["error: Type checking failed", 1, [0, 1, 0]],
  ["ok | 5 passed | 0 failed (1s)", 137, [5, 1, 0]],
];

for (const [output, code, [passed, failed, skipped]] of CASES) {
  Deno.test(`parseSummary() reads ${JSON.stringify(output)} with code ${code}`, () => {
    assert.deepEqual(parseSummary(`running\n${output}\n\n`, code), {
      passed,
      failed,
      skipped,
    });
  });
}

Deno.test("parseSummary() agrees with a real run that passes, fails and ignores", async () => {
  const file = await Deno.makeTempFile({ suffix: "_test.ts" });
  try {
    await Deno.writeTextFile(
      file,
      `Deno.test("a", async (t) => { await t.step("b", () => {}); await t.step({ name: "c", ignore: Deno.args.length === 0, fn() {} }); });
Deno.test("d", () => { throw new Error("d"); });
Deno.test({ name: "e", ignore: Deno.args.length === 0, fn() {} });`,
    );
    const { stdout, code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-config", "--no-lock", file],
    }).output();
    const output = new TextDecoder().decode(stdout);
    const counts = parseSummary(output, code);
    assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 2 });
    assert.match(failureReport(output), /^ ?ERRORS[^]*d => [^]*Error: d/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("failureReport() starts at the first error of pytest and keeps the end of a long one", () => {
  const output = `collected 2 items
..
=========== FAILURES ===========
____ test_b ____
E   assert False
=========== short test summary info ===========
FAILED tests/test_a.py::test_b - assert False
=========== 1 failed, 1 passed in 0.10s ===========
`;
  assert.match(failureReport(output), /^=+ FAILURES =+\n____ test_b/);
  assert.equal(failureReport(output, 10), "=".repeat(10));
  assert.equal(failureReport("ok | 5 passed | 0 failed (1s)"), "");
});
