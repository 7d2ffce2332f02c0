/** Facts of a log line. Never payloads, tokens or keys. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** Writes structured lines. */
export interface Logger {
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  error(event: string, facts?: LogFacts): void;
  /** A logger whose lines carry these facts too. */
  with(facts: LogFacts): Logger;
}

/** A logger of JSON lines. */
export function createLogger(
  write: (line: string) => void,
  now: () => Date,
  context: LogFacts = {},
): Logger {
  const log = (level: string) => (event: string, facts: LogFacts = {}) =>
    write(JSON.stringify({
      time: now().toISOString(),
      level,
      event,
      ...context,
      ...facts,
    }));
  return {
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    with: (facts) => createLogger(write, now, { ...context, ...facts }),
  };
}

/** What may be logged about a thrown value: a database's detail and message can hold rows, so they stay out. */
export function errorFacts(error: unknown): LogFacts {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code, constraint_name: constraint, table_name: table, routine } =
    error as unknown as Record<string, unknown>;
  const isSql = error.name === "PostgresError";
  return {
    error: error.name,
    message: isSql ? undefined : error.message,
    code,
    constraint,
    table,
    routine,
    stack: error.stack?.split("\n").slice(1, 8).map((line) => line.trim()),
    cause: error.cause === undefined ? undefined : errorFacts(error.cause),
  };
}
