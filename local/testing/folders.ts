/** Folders for tests that start real servers. @module */

/** Runs `body` with an empty folder that PostgreSQL's user can reach, also when we are root; removes it afterwards. */
export async function withFolder(
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "assay-test-" });
  await Deno.chmod(folder, 0o755);
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Why no file system can be mounted here; null: it can. */
export async function noMounts(): Promise<string | null> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) {
    return "a full disk needs root on Linux, to mount a small one";
  }
  const folder = await Deno.makeTempDir({ prefix: "assay-test-" });
  try {
    await mount(folder, "64k");
    await unmount(folder);
    return null;
  } catch (error) {
    return `a full disk needs a small one to be mounted: ${
      (error as Error).message
    }`;
  } finally {
    await Deno.remove(folder);
  }
}

/** Runs `body` with a folder on a disk of this size, such as `600k`. */
export async function withSmallDisk(
  size: string,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await mount(folder, size);
    try {
      await body(folder);
    } finally {
      await unmount(folder);
    }
  });
}

function mount(folder: string, size: string): Promise<void> {
  return run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
}

function unmount(folder: string): Promise<void> {
  return run("umount", ["--lazy", folder]);
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}
