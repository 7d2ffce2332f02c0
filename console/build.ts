/**
 * Bundles the console to static files: `deno run -A console/build.ts --out DIR`.
 *
 * @module
 */
import * as esbuild from "esbuild";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { denoCache } from "./bundle_plugin.ts";

/** One file of the built console. */
export interface BuiltFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly gzipBytes: number;
}

const ROOM = fileURLToPath(new URL(".", import.meta.url));

/** Writes `index.html`, the hashed script, stylesheet and icon to `outDir`; older hashed files there are removed. */
export async function buildConsole(outDir: string): Promise<BuiltFile[]> {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: ROOM,
    entryPoints: { app: "main.tsx", style: "styles/main.css" },
    outdir: outDir,
    entryNames: "[name]-[hash]",
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    plugins: [denoCache],
    logLevel: "silent",
    tsconfigRaw: "{}",
  });
  await esbuild.stop();

  const encode = (text: string) => new TextEncoder().encode(text);
  const icon = await Deno.readFile(join(ROOM, "favicon.svg"));
  const files = new Map<string, Uint8Array>();
  const named: Record<string, string> = {};
  for (const file of outputFiles) {
    const isStyle = file.path.endsWith(".css");
    const name = basename(file.path).replace(/^style-/, "app-");
    files.set(name, file.contents);
    named[isStyle ? "/app.css" : "/app.js"] = `/${name}`;
  }
  const iconName = `favicon-${await shortHash(icon)}.svg`;
  files.set(iconName, icon);
  named["/favicon.svg"] = `/${iconName}`;

  let html = await Deno.readTextFile(join(ROOM, "index.html"));
  for (const [from, to] of Object.entries(named)) {
    html = html.replace(`"${from}"`, `"${to}"`);
  }
  files.set("index.html", encode(html.replace(/\n\s*/g, "\n")));

  await Deno.mkdir(outDir, { recursive: true });
  for await (const { name } of Deno.readDir(outDir)) {
    const isOurs = /^(app|favicon)-\w{8}\.(js|css|svg)$/.test(name);
    if (isOurs && !files.has(name)) await Deno.remove(join(outDir, name));
  }
  const built: BuiltFile[] = [];
  for (const [name, contents] of files) {
    await Deno.writeFile(join(outDir, name), contents);
    built.push({
      name,
      sizeBytes: contents.length,
      gzipBytes: gzipSync(contents).length,
    });
  }
  return built;
}

async function shortHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(
    digest.subarray(0, 4),
    (b) => b.toString(16).padStart(2, "0"),
  ).join("").toUpperCase();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: "string" } } });
  if (!values.out) {
    await Deno.stderr.write(
      new TextEncoder().encode("Usage: build.ts --out DIR\n"),
    );
    Deno.exit(2);
  }
  const built = await buildConsole(values.out);
  const total = built.reduce((sum, file) => sum + file.gzipBytes, 0);
  const kb = (bytes: number) => `${(bytes / 1024).toFixed(1).padStart(7)} KB`;
  const lines = built.map((f) =>
    `${kb(f.sizeBytes)} ${kb(f.gzipBytes)} gz  ${f.name}`
  );
  await Deno.stdout.write(
    new TextEncoder().encode(
      `${lines.join("\n")}\n            ${kb(total)} gz  first load\n`,
    ),
  );
}
