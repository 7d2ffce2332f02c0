import assert from "node:assert/strict";
import { join } from "node:path";
import { skipIf } from "@testing/skip.ts";
import { noPython } from "./find_python.ts";
import { parsePytest } from "./pytest_summary.ts";
import { ensureVenv, TEST_REQUIREMENTS } from "./venv.ts";

const CASES: readonly [string, number, [number, number, number]][] = [
  ["============ 3 passed in 0.12s ============", 0, [3, 0, 0]],
  ["3 passed, 1 warning in 61.20s (0:01:01)", 0, [3, 0, 0]],
  ["==== 1 failed, 2 passed, 4 skipped, 1 xfailed in 1.00s ====", 1, [
    3,
    1,
    4,
  ]],
  ["==== 2 passed, 1 error in 0.50s ====", 1, [2, 1, 0]],
  ["==== 2 passed, 3 errors, 5 deselected in 0.50s ====", 1, [2, 3, 0]],
  ["==== no tests ran in 0.01s ====", 5, [0, 1, 0]],
  [
    "\x1b[32m==== \x1b[32m\x1b[1m7 passed\x1b[0m\x1b[32m in 0.01s\x1b[0m ===",
    0,
    [7, 0, 0],
  ],
  ["Segmentation fault", 139, [0, 1, 0]],
];

for (const [output, code, [passed, failed, skipped]] of CASES) {
  Deno.test(`parsePytest() reads ${JSON.stringify(output)} with code ${code}`, () => {
    const summary = parsePytest(`tests/test_a.py ...\n${output}\n`, code);
    assert.deepEqual(summary, { passed, failed, skipped, reasons: [] });
  });
}

Deno.test({
  name:
    "parsePytest() agrees with a real run that passes, fails, errs and skips",
  ...skipIf(await noPython()),
  async fn() {
    const python = await ensureVenv(TEST_REQUIREMENTS);
    const folder = await Deno.makeTempDir();
    try {
      const file = join(folder, "test_all.py");
      await Deno.writeTextFile(
        file,
        `import pytest
def test_a(): pass
def test_b(): assert False
@pytest.mark.skip(reason="no GPU: none here")
def test_c(): pass
@pytest.mark.skipif(True, reason="no GPU: none here")
def test_d(): pass
@pytest.fixture
def broken(): raise ValueError
def test_e(broken): pass
@pytest.mark.xfail
def test_f(): assert False
`,
      );
      const { stdout, code } = await new Deno.Command(python, {
        args: ["-m", "pytest", "-rs", "-p", "no:cacheprovider", file],
        env: { PYTHONDONTWRITEBYTECODE: "1" },
      }).output();
      assert.deepEqual(parsePytest(new TextDecoder().decode(stdout), code), {
        passed: 2,
        failed: 2,
        skipped: 2,
        reasons: ["no GPU: none here"],
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
