import { fileURLToPath } from "node:url";
import { outputOrNull } from "../tools/command.ts";

/** Processor, cores, memory and system, in one line. */
export async function machineLine(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /^model name\s*:\s*(.*)$/m.exec(info)?.[1] ?? "processor";
  const flags = /^flags\s*:\s*(.*)$/m.exec(info)?.[1]?.split(" ") ?? [];
  const vnni = flags.includes("avx512_vnni") ? " with AVX-512 VNNI" : "";
  const gb = Deno.systemMemoryInfo().total / 2 ** 30;
  return `${model}${vnni}, ${navigator.hardwareConcurrency} cores, ${
    gb.toFixed(0)
  } GiB, ${Deno.build.os} ${Deno.build.arch}`;
}

/** Short name of the commit that is checked out; null outside of a checkout. */
export async function commitOfCheckout(): Promise<string | null> {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const args = ["-C", folder, "rev-parse", "--short", "HEAD"];
  return await outputOrNull("git", args);
}
