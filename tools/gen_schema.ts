/**
 * `deno task schema [--check]`: writes `supabase/schema.sql` and `shared/types/database.ts` from the catalog of a database that has every
 * migration; with `--check`, says whether they are as they should be.
 *
 * @module
 */
import { join } from "node:path";
import postgres from "postgres";
import {
  type Catalog,
  type Column,
  readCatalog,
  type Relation,
} from "./catalog.ts";
import { ROOT } from "./source_files.ts";
import { createTestDatabase } from "./testing/postgres.ts";
import { startTestServers } from "./testing/servers.ts";

const NOTE = "Written by `deno task schema`; do not edit.";

/** How postgres.js reads a type; what is missing here is a string. */
const TYPES: Readonly<Record<string, string>> = {
  boolean: "boolean",
  smallint: "number",
  integer: "number",
  real: "number",
  "double precision": "number",
  json: "unknown",
  jsonb: "unknown",
  bytea: "Uint8Array",
  date: "Date",
  "timestamp with time zone": "Date",
};

/** The schema as SQL, for reading and for review. */
export function schemaSql(catalog: Catalog): string {
  const { relations, functions, grants, storagePolicies } = catalog;
  const parts = [`-- ${NOTE}`, "create schema assay;"];
  for (const relation of relations.filter((r) => !r.isView)) {
    parts.push(tableSql(relation), ...relation.statements.map(ended));
  }
  parts.push(...functions.map((text) => ended(text.trimEnd())));
  for (const relation of relations.filter((r) => r.isView)) {
    const options = relation.options.length > 0
      ? ` with (${relation.options.join(", ")})`
      : "";
    parts.push(
      `create view assay.${relation.name}${options} as\n${relation.query}`,
    );
  }
  parts.push(...storagePolicies.map(ended), grants.map(ended).join("\n"));
  return parts.join("\n\n").replaceAll(/[ \t]+$/gm, "") + "\n";
}

/** One interface per table and view: a row as postgres.js reads it. */
export function rowTypes({ relations }: Catalog): string {
  const interfaces = relations.map((relation) => {
    const fields = relation.columns.map((column) => {
      const isNullable = relation.isView || column.isNullable;
      const type = typeOf(column.type) + (isNullable ? " | null" : "");
      return `  /** ${
        commentFor(column)
      }. */\n  readonly ${column.name}: ${type};`;
    });
    const what = relation.isView ? "view" : "table";
    return `/** A row of the ${what} \`assay.${relation.name}\`. */
export interface ${pascalCase(relation.name)}Row {
${fields.join("\n")}
}`;
  });
  return `// deno-lint-ignore-file camelcase
/**
 * Rows of the schema \`assay\` as the database client reads them. ${NOTE}
 *
 * @module
 */

${interfaces.join("\n\n")}
`;
}

function tableSql({ name, columns }: Relation): string {
  const lines = columns.map((column) =>
    [
      `  ${column.name} ${column.type}`,
      ...column.isNullable ? [] : ["not null"],
      ...column.defaultValue === null ? [] : [column.defaultValue],
    ].join(" ")
  );
  return `create table assay.${name} (\n${lines.join(",\n")}\n);`;
}

function ended(statement: string): string {
  return `${statement};`;
}

function commentFor({ type, defaultValue }: Column): string {
  return `\`${
    [type, ...defaultValue === null ? [] : [defaultValue]].join(" ")
  }\``;
}

function typeOf(sqlType: string): string {
  const isArray = sqlType.endsWith("[]");
  const base = TYPES[sqlType.replace(/\[\]$/, "")] ?? "string";
  return isArray ? `readonly ${base}[]` : base;
}

function pascalCase(name: string): string {
  return name.replaceAll(/(^|_)(\w)/g, (_, __, letter) => letter.toUpperCase());
}

/** Paths of the generated files with the text they should have. */
export async function generate(): Promise<[path: string, text: string][]> {
  const database = await createTestDatabase();
  const sql = postgres(database.url(), { max: 1, prepare: false });
  try {
    const catalog = await readCatalog(sql);
    return [
      ["supabase/schema.sql", schemaSql(catalog)],
      ["shared/types/database.ts", rowTypes(catalog)],
    ];
  } finally {
    await sql.end();
    await database.drop();
  }
}

/** With servers that are gone afterwards, unless there are some for tests. */
async function generateAlone(): Promise<[path: string, text: string][]> {
  if (Deno.env.has("ASSAY_TEST_ENGINES")) return await generate();
  const servers = await startTestServers();
  try {
    Deno.env.set("ASSAY_TEST_ENGINES", JSON.stringify(servers.urls));
    return await generate();
  } finally {
    await servers.stop();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const stale: string[] = [];
  for (const [path, text] of await generateAlone()) {
    const file = join(ROOT, path);
    if (await Deno.readTextFile(file).catch(() => "") === text) continue;
    stale.push(path);
    if (!args.includes("--check")) await Deno.writeTextFile(file, text);
  }
  if (!args.includes("--check") || stale.length === 0) return 0;
  Deno.stderr.writeSync(new TextEncoder().encode(
    `Not as the migrations say: ${
      stale.join(", ")
    }. Run \`deno task schema\`\n`,
  ));
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
