/**
 * `deno task restore`: an installation from a file that `deno task backup` has written.
 *
 * @module
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { mb } from "./backup/backup.ts";
import { restore } from "./backup/restore.ts";
import { homeFolder } from "./home.ts";

const HELP =
  `Makes an installation from a file that \`deno task backup\` has written, in a folder that has none. Nothing is overwritten.

  deno task restore FILE
  ASSAY_HOME=/path/to/another deno task restore FILE

Keys, logins and everything that was logged are as they were. Start it with \`deno task start\`; where ports are taken, other ones are used.`;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { help: { type: "boolean", default: false } },
  });
  const [file, ...others] = positionals;
  if (values.help || file === undefined || others.length > 0) {
    print(HELP);
    return values.help ? 0 : 2;
  }
  const home = homeFolder();
  const startedAt = performance.now();
  try {
    print(`Restoring into "${home}"`);
    const { madeAt, nFiles, sizeBytes } = await restore(resolve(file), home);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(
      `Restored ${nFiles} files, ${
        mb(sizeBytes)
      }, in ${seconds} s, as of ${madeAt}. Start it with \`deno task start\``,
    );
    return 0;
  } catch (error) {
    print((error as Error).message);
    return 1;
  }
}

Deno.exit(await main());
