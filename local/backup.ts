/**
 * `deno task backup`: everything of the local installation in one file.
 *
 * @module
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { backUp, mb } from "./backup/backup.ts";
import { homeFolder } from "./home.ts";

const HELP =
  `Writes everything of the local installation to one file: database, Storage's files and secrets. Assay may run meanwhile.

  deno task backup [FILE]       default: assay-backup-DATE-TIME.tar.gz in this folder

The file holds every key and secret in clear: only you can read it (mode 0600), so keep it as safe as the installation. An existing file is
never overwritten. \`deno task restore FILE\` makes an installation of it.

Environment: ASSAY_HOME (folder of the installation, default .assay).`;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { help: { type: "boolean", default: false } },
  });
  if (values.help || positionals.length > 1) {
    print(HELP);
    return values.help ? 0 : 2;
  }
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "")
    .replace("T", "-");
  const file = resolve(positionals[0] ?? `assay-backup-${time}.tar.gz`);
  const startedAt = performance.now();
  try {
    print(`Backing up "${homeFolder()}"`);
    const { sizeBytes, nFiles } = await backUp(homeFolder(), file, print);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(
      `Wrote ${
        mb(sizeBytes)
      } in ${seconds} s: the database and ${nFiles} files of Storage\n\n  ${file}`,
    );
    return 0;
  } catch (error) {
    print((error as Error).message);
    return 1;
  }
}

Deno.exit(await main());
