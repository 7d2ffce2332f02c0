import assert from "node:assert/strict";
import {
  disagreement,
  newestEntry,
  pep440,
  pyprojectVersion,
} from "./versions.ts";

Deno.test("newestEntry() reads the first heading with a version, dated or not", () => {
  const text = `# Changelog

## [Unreleased]

## [0.2.0] - 2026-01-31

## [0.1.0] - 2025-12-01
`;
  assert.deepEqual(newestEntry(text), { version: "0.2.0", date: "2026-01-31" });
  assert.deepEqual(newestEntry("## [0.1.0] - unreleased\n"), {
    version: "0.1.0",
    date: null,
  });
  assert.deepEqual(newestEntry("## 1.0.0-rc.1\n"), {
    version: "1.0.0-rc.1",
    date: null,
  });
});

Deno.test("newestEntry() throws if no heading has a version", () => {
  assert.throws(() => newestEntry("## [Unreleased]\n"), /no entry/);
});

Deno.test("pyprojectVersion() reads the project's version, nobody else's", () => {
  const toml = `[build-system]
version = "9"

[project]
name = "assay-ml"
version = "0.1.0"

[tool.other]
version = "8"
`;
  assert.equal(pyprojectVersion(toml), "0.1.0");
  assert.equal(pyprojectVersion(`[project]\nversion = '0.2.0'`), "0.2.0");
});

Deno.test("pyprojectVersion() throws if the version stands elsewhere", () => {
  const toml = `[project]\ndynamic = ["version"]\n[tool.a]\nversion = "8"\n`;
  assert.throws(() => pyprojectVersion(toml), /no project\.version/);
});

Deno.test("disagreement() names every file and its version, or nothing", () => {
  assert.equal(disagreement({ a: "0.1.0", b: "0.1.0" }), null);
  assert.equal(disagreement({ a: "0.2.0-rc.1", b: "0.2.0rc1" }), null);
  assert.equal(
    disagreement({ a: "0.1.0", b: "0.1.1" }),
    "Versions disagree: a 0.1.0, b 0.1.1",
  );
});

Deno.test("pep440() writes pre-releases as PyPI does", () => {
  assert.deepEqual(
    ["0.1.0", "0.2.0-alpha.1", "0.2.0-beta2", "1.0.0-rc.10"].map(pep440),
    ["0.1.0", "0.2.0a1", "0.2.0b2", "1.0.0rc10"],
  );
});
