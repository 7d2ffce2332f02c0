/** Version that Supabase's edge runtime is compatible with. */
const VERSION = "2.1.4";

const PACKAGES: Readonly<Record<string, string>> = {
  "linux x86_64": "@deno/linux-x64-glibc",
  "linux aarch64": "@deno/linux-arm64-glibc",
  "darwin x86_64": "@deno/darwin-x64",
  "darwin aarch64": "@deno/darwin-arm64",
};

/**
 * Path of the Deno that the edge has to work on, fetched by npm once.
 *
 * A process of its own fetches it, without lock file: it is no dependency of the product, and a static import would make every machine
 * fetch those of all platforms.
 *
 * @throws {Error} With the reason, if it is not to be had here.
 */
export async function deno21(): Promise<string> {
  const host = `${Deno.build.os} ${Deno.build.arch}`;
  const name = PACKAGES[host];
  if (!name) throw new Error(`npm has no Deno ${VERSION} for ${host}`);
  const specifier = `npm:${name}@${VERSION}/package.json`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-lock",
      "--no-config",
      `await import("${specifier}", { with: { type: "json" } });
console.log(new URL("deno", import.meta.resolve("${specifier}")).pathname);`,
    ],
  }).output();
  const text = new TextDecoder().decode(success ? stdout : stderr).trim();
  if (!success) throw new Error(`Cannot fetch ${name}@${VERSION}: ${text}`);
  return text;
}
