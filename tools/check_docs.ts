/**
 * `deno task docs`: everything exported from the rooms that others build on has a doc comment that `deno doc --lint` accepts.
 *
 * @module
 */
import { sourceFiles } from "./source_files.ts";

/** Rooms whose exports are documented. */
const DOCUMENTED =
  /^(shared|gpu-worker\/(kernels|detectors|graphs|signals|encoders|runner))\//;

const files = (await sourceFiles()).filter((path) =>
  DOCUMENTED.test(path) && !/(^|\/)_[^/]*$/.test(path) // _name.ts is private to its folder
);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...files],
}).spawn().status;
Deno.exit(code);
