import assert from "node:assert/strict";
import { join } from "node:path";
import { skipIf } from "@testing/skip.ts";
import { outputOf, outputOrNull } from "../command.ts";
import { checkClean } from "./check_clean.ts";

const hasGit = await outputOrNull("git", ["--version"]) !== null;

Deno.test({
  name: "checkClean() takes a checkout without changes, and names new files",
  ...skipIf(hasGit ? null : "no git: install it to test releases"),
  async fn() {
    const root = await Deno.makeTempDir();
    try {
      await outputOf("git", ["init", "--quiet"], { cwd: root });
      await checkClean(root);
      await Deno.writeTextFile(join(root, "new.ts"), "");
      await assert.rejects(checkClean(root), /not committed.*\n.*new\.ts$/);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});
