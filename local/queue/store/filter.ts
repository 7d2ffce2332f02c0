import type { PendingQuery, Row, Sql, TransactionSql } from "postgres";
import { QueueError } from "../error.ts";

/** Which messages a request is about: any value of each list, all of the lists. */
export interface Filter {
  /** Values by name of the query parameter. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Inclusive, milliseconds since 1970; null: no bound. */
  readonly fromMs: number | null;
  /** Inclusive, milliseconds since 1970; null: no bound. */
  readonly toMs: number | null;
}

/** No message is left out. */
export const EVERYTHING: Filter = { values: {}, fromMs: null, toMs: null };

const COLUMNS: Readonly<Record<string, string>> = {
  messageId: "id",
  messageIds: "id",
  url: "url",
  topicName: "topic_name",
  queueName: "queue_name",
  scheduleId: "schedule_id",
  flowControlKey: "flow_key",
  callerIp: "caller_ip",
};

const VALUES = [
  ...Object.keys(COLUMNS),
  "callerIP", // as older callers write it
  "label",
  "host",
  "path",
  "responseStatus",
];
const NAMES = [...VALUES, "fromDate", "toDate"];

/**
 * Reads the filter of a request. A parameter may come several times, or hold several values between commas.
 *
 * @param query Of the URL.
 * @param refused Names of a filter that this route does not take.
 * @param others Names that are no filter and that it does take.
 * @throws {QueueError} 400 if a name or a value is not understood: a filter with a typo would mean everything.
 */
export function parseFilter(
  query: URLSearchParams,
  refused: readonly string[],
  others: readonly string[],
): Filter {
  const known = [...NAMES, ...others, "qstash_token"];
  for (const name of query.keys()) {
    if (!known.includes(name) || refused.includes(name)) {
      throw new QueueError(400, `invalid filter "${name}"`);
    }
  }
  const values: Record<string, string[]> = {};
  for (const name of VALUES) {
    const given = query.getAll(name);
    if (given.length === 0) continue;
    const key = name === "callerIP" ? "callerIp" : name;
    const parts = given.flatMap((v) => v.split(",").map((part) => part.trim()));
    values[key] = name === "url" ? [...given, ...parts] : parts; // a URL may have commas of its own
    if (
      name === "responseStatus" && values[key].some((v) => !/^\d{1,3}$/.test(v))
    ) throw new QueueError(400, `invalid responseStatus "${given}"`);
  }
  return {
    values,
    fromMs: time(query, "fromDate"),
    toMs: time(query, "toDate"),
  };
}

/**
 * The filter as a condition on `assay_queue.messages m`.
 *
 * @param sql Connections or a transaction.
 * @param filter What {@linkcode parseFilter} read.
 * @param at Column the dates are about.
 */
export function matching(
  sql: Sql | TransactionSql,
  { values, fromMs, toMs }: Filter,
  at: "m.created_at" | "m.ended_at" | "e.at",
): PendingQuery<Row[]> {
  const tag = sql as Sql;
  let all = tag`true`;
  for (const [name, wanted] of Object.entries(values)) {
    const any = wanted as string[];
    all = tag`${all} and ${condition(tag, name, any)}`;
  }
  if (fromMs !== null) {
    all = tag`${all} and ${tag(at)} >= ${new Date(fromMs)}`;
  }
  if (toMs !== null) all = tag`${all} and ${tag(at)} <= ${new Date(toMs)}`;
  return all;
}

function condition(
  sql: Sql,
  name: string,
  any: string[],
): PendingQuery<Row[]> {
  switch (name) {
    case "label":
      return sql`m.labels && ${any}::text[]`;
    case "host": // with and without its port
      return sql`
        (substring(m.url from '^[a-zA-Z]+://(?:[^/?#@]*@)?([^/?#]*)') = any (${any})
          or substring(m.url from '^[a-zA-Z]+://(?:[^/?#@]*@)?([^/?#:]*)') = any (${any}))`;
    case "path":
      return sql`coalesce(nullif(substring(m.url from '^[a-zA-Z]+://[^/?#]*([^?#]*)'), ''), '/') = any (${any})`;
    case "responseStatus":
      return sql`coalesce(m.last_status, 0) = any (${any}::int[])`;
    default:
      return sql`${sql(`m.${COLUMNS[name]!}`)} = any (${any})`;
  }
}

function time(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\d{1,15}$/.test(text)) {
    throw new QueueError(
      400,
      `invalid ${name}: "${text}" is no Unix time in milliseconds`,
    );
  }
  return Number(text);
}
