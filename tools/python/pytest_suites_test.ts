import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { isPythonPath, pytestPaths, pytestSuites } from "./pytest_suites.ts";

const FILES = [
  "sdk/python/src/assay/test_data.py",
  "sdk/python/tests/test_run.py",
  "sdk/python/tests/deep/test_spool.py",
  "examples/torch/main.py",
  "examples/torch/test_main.py",
  "examples/torch/.venv/test_hidden.py",
  "examples/sklearn/main_test.py",
  "examples/mails/main.ts",
];

const CASES: readonly [string[], string[]][] = [
  [[], [
    "examples/sklearn/main_test.py",
    "examples/torch/test_main.py",
    "sdk/python/tests",
  ]],
  [["sdk"], ["sdk/python/tests"]],
  [["./sdk/python/"], ["sdk/python/tests"]],
  [["sdk/python/tests/test_run.py"], ["sdk/python/tests/test_run.py"]],
  [["sdk/python/tests/test_run.py::test_a"], [
    "sdk/python/tests/test_run.py::test_a",
  ]],
  [["examples/torch", "sdk/typescript"], ["examples/torch/test_main.py"]],
  [["gpu-worker"], []],
  [["."], [
    "examples/sklearn/main_test.py",
    "examples/torch/test_main.py",
    "sdk/python/tests",
  ]],
];

for (const [paths, expected] of CASES) {
  Deno.test(`pytestPaths() of ${JSON.stringify(paths)}`, async () => {
    const root = await Deno.makeTempDir();
    try {
      for (const file of FILES) {
        await Deno.mkdir(join(root, dirname(file)), { recursive: true });
        await Deno.writeTextFile(join(root, file), "");
      }
      assert.deepEqual(await pytestPaths(paths, root), expected);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}

Deno.test("pytestPaths() is empty in a checkout without Python", async () => {
  const root = await Deno.makeTempDir();
  try {
    assert.deepEqual(await pytestPaths([], root), []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("isPythonPath() is true of what deno test cannot run", () => {
  const paths = [
    "sdk/python",
    "./sdk/python/tests/",
    "examples/torch/test_main.py",
    "examples/torch/test_main.py::test_a",
    "sdk",
    "sdk/python_like",
    "examples/mails",
  ];
  assert.deepEqual(paths.map(isPythonPath), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("pytestSuites() runs the SDK apart from examples, and nothing for nothing", () => {
  const suites = pytestSuites("python", [
    "examples/torch/test_main.py",
    "sdk/python/tests/test_run.py::test_a",
  ]);
  assert.deepEqual(suites.map(({ name, args }) => [name, args.at(-1)]), [
    ["Python SDK", "sdk/python/tests/test_run.py::test_a"],
    ["Examples in Python", "examples/torch/test_main.py"],
  ]);
  assert.deepEqual(pytestSuites("python", []), []);
});
