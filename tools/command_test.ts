import assert from "node:assert/strict";
import { outputOf, outputOrNull } from "./command.ts";

Deno.test("outputOf() gives what a program prints, in its folder and environment", async () => {
  const script = `console.log(Deno.cwd(), Deno.env.get("ASSAY_A"));`;
  const cwd = await Deno.realPath("/");
  const said = await outputOf(Deno.execPath(), ["eval", script], {
    cwd,
    env: { ASSAY_A: "b" },
  });
  assert.equal(said.trim(), `${cwd} b`);
});

Deno.test("outputOf() throws with what a failed program said", async () => {
  const script = `console.log("made"); console.error("lost"); Deno.exit(3);`;
  await assert.rejects(
    outputOf(Deno.execPath(), ["eval", script]),
    /failed with code 3:\nmade\nlost$/,
  );
});

Deno.test("outputOf() names a program that is not there", async () => {
  await assert.rejects(
    outputOf("assay-no-such-program", []),
    /^Error: Cannot run "assay-no-such-program": /,
  );
});

Deno.test("outputOrNull() is null for a program that fails or is not there", async () => {
  const deno = Deno.execPath();
  assert.equal(await outputOrNull(deno, ["eval", "console.log(1)"]), "1");
  assert.equal(await outputOrNull(deno, ["eval", "Deno.exit(1)"]), null);
  assert.equal(await outputOrNull("assay-no-such-program", []), null);
});
