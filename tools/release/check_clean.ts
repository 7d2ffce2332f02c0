import { outputOf } from "../command.ts";

/**
 * Looks whether everything in a git checkout is committed: what is published can then be made again from its tag.
 *
 * @throws {Error} With what is not.
 */
export async function checkClean(root: string): Promise<void> {
  const changes = await outputOf("git", ["status", "--porcelain"], {
    cwd: root,
  });
  if (changes.trim()) {
    throw new Error(
      `The tree has changes that are not committed (--dirty builds all the same):\n${changes.trimEnd()}`,
    );
  }
}
