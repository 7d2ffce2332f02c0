/** Where and how a program runs. */
export interface CommandOptions {
  /** Folder to run in. */
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** How much of what a failed program said is told. */
const TOLD_CHARACTERS = 4000;

/**
 * What a program prints on its standard output.
 *
 * @throws {Error} If it fails or is not there, with the end of what it said.
 */
export async function outputOf(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { success, code, stdout, stderr } = await run(program, args, options);
  const said = new TextDecoder().decode(stdout);
  if (success) return said;
  const all = (said + new TextDecoder().decode(stderr)).trim();
  throw new Error(
    `"${[program, ...args].join(" ")}" failed with code ${code}:\n${
      all.slice(-TOLD_CHARACTERS)
    }`,
  );
}

/** What a program prints, trimmed; null if it fails or is not there. */
export async function outputOrNull(
  program: string,
  args: readonly string[],
): Promise<string | null> {
  try {
    return (await outputOf(program, args)).trim();
  } catch {
    return null;
  }
}

async function run(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command(program, {
      ...options,
      args: [...args],
      stdin: "null",
    }).output();
  } catch (error) {
    throw new Error(`Cannot run "${program}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}
