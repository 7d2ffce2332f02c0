/**
 * `deno task sql`: SQL on the local database, or on `DATABASE_URL`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import postgres, { type Sql } from "postgres";
import { readState } from "../state.ts";
import { formatTable } from "./table.ts";

const HELP =
  `SQL on the local database, which must be running, or on DATABASE_URL.

  deno task sql                        asks for statements; one ends with ";"
  deno task sql "select ..."           runs it and ends
  deno task sql < FILE                 runs a file

  \\d     tables and views of Assay     \\d NAME   columns of one
  \\x     rows as lists, or as tables   \\q        ends (so does Ctrl-D)`;

const RELATIONS = `
  select c.relname as name, case c.relkind when 'v' then 'view' else 'table' end as what,
    case c.relkind when 'v' then '' else greatest(c.reltuples, 0)::bigint::text end as "rows, about"
  from pg_class c
  where c.relnamespace = 'assay'::regnamespace and c.relkind in ('r', 'v')
  order by 2 desc, 1`;
const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, case when a.attnotnull then 'not null' else '' end as nullable
  from pg_attribute a
  where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
  order by a.attnum`;

/** What a session remembers between statements. */
interface Session {
  readonly sql: Sql;
  /** Rows as lists of fields, one below the other. */
  isExpanded: boolean;
}

/** Whether the text is a whole statement: it ends with ";" outside of quotes, comments and dollar quotes. */
export function isComplete(text: string): boolean {
  const bare = text.replaceAll(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)[\s\S]*?\1/g,
    "",
  );
  return /;\s*$/.test(bare) && !/['"]|\$\w*\$|\/\*/.test(bare);
}

async function runStatement(session: Session, text: string): Promise<void> {
  const startedAt = performance.now();
  const answer = await session.sql.unsafe(text).simple().values();
  const sets = (isOneSet(answer) ? [answer] : answer) as unknown as ResultSet[];
  for (const set of sets) {
    const names = (set.columns ?? []).map((column) => column.name);
    if (names.length > 0) print(formatTable(names, set, session.isExpanded));
    const what = names.length > 0 ? `${set.length} rows` : set.command;
    print(`(${what}, ${Math.round(performance.now() - startedAt)} ms)`);
  }
}

/** What one statement gave. */
type ResultSet = unknown[][] & {
  readonly columns?: { name: string }[];
  readonly command: string;
};

/** The client gives one set for one statement, and a list of sets for several. */
function isOneSet(answer: object): boolean {
  return "command" in answer && answer.command !== undefined;
}

/** Runs a command; false: the session is over. */
async function runCommand(session: Session, line: string): Promise<boolean> {
  const [command, name] = line.trim().replace(/;$/, "").split(/\s+/);
  if (command === "\\q") return false;
  if (command === "\\x") {
    session.isExpanded = !session.isExpanded;
    print(session.isExpanded ? "Rows as lists" : "Rows as tables");
  } else if (command === "\\d" && name) {
    const path = name.includes(".") ? name : `assay.${name}`;
    const rows = await session.sql.unsafe(COLUMNS, [path]).values();
    if (rows.length === 0) {
      print(`There is no "${path}"; \\d lists what there is`);
    } else print(formatTable(["name", "type", "nullable"], rows));
  } else if (command === "\\d") {
    const rows = await session.sql.unsafe(RELATIONS).values();
    print(formatTable(["name", "what", "rows, about"], rows));
  } else print(HELP);
  return true;
}

async function converse(session: Session): Promise<void> {
  print(`Statements end with ";". \\d lists tables, \\? helps, \\q ends.`);
  let text = "";
  while (true) {
    const line = prompt(text === "" ? "assay=>" : "assay->");
    if (line === null) return;
    try {
      if (text === "" && line.startsWith("\\")) {
        if (!await runCommand(session, line)) return;
        continue;
      }
      text += (text === "" ? "" : "\n") + line;
      if (text.trim() === "") text = "";
      if (!isComplete(text)) continue;
      const statement = text;
      text = "";
      await runStatement(session, statement);
    } catch (error) {
      print(sentenceOf(error));
    }
  }
}

function sentenceOf(error: unknown): string {
  const { message, detail, hint, code } = error as Error & {
    detail?: string;
    hint?: string;
    code?: string;
  };
  if (code === "ECONNREFUSED") {
    return "Cannot reach the database: is Assay running? Start it with `deno task start`";
  }
  return [message, detail, hint && `Hint: ${hint}`].filter(Boolean).join("\n");
}

function print(text: string): void {
  const bytes = new TextEncoder().encode(text + "\n");
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { help: { type: "boolean", default: false } },
  });
  if (values.help) {
    print(HELP);
    return 0;
  }
  const url = Deno.env.get("DATABASE_URL") ?? (await readState())?.databaseUrl;
  if (!url) {
    print(
      "Cannot open the database as Assay is not running here: start it with `deno task start`, or set DATABASE_URL",
    );
    return 1;
  }
  const sql = postgres(url, {
    max: 1,
    prepare: false,
    connection: { search_path: "assay, public" },
    onnotice: (notice) => print(`${notice.severity}: ${notice.message}`),
  });
  try {
    const session: Session = { sql, isExpanded: false };
    if (positionals.length > 0) {
      const text = positionals.join(" ");
      if (text.startsWith("\\")) await runCommand(session, text);
      else await runStatement(session, text);
    } else if (Deno.stdin.isTerminal()) await converse(session);
    else {await runStatement(
        session,
        await new Response(Deno.stdin.readable).text(),
      );}
    return 0;
  } catch (error) {
    print(sentenceOf(error));
    return 1;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

if (import.meta.main) Deno.exit(await main());
