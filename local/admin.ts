/**
 * `deno task project`: a first project, member and key in one command.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { createFirstProject, type FirstProject } from "./projects.ts";
import { readState } from "./state.ts";

const HELP =
  `Makes a project with an owner and an API key, and prints the key once.

  deno task project --name mails [--owner ME@EXAMPLE.COM] [--scopes ingest,read,write,admin] [--json]

The database is DATABASE_URL (the schema's owner), else the local installation, which must be running.
A project of that name gets another key.`;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      name: { type: "string" },
      owner: { type: "string", default: "local@assay.localhost" },
      scopes: { type: "string", default: "ingest,read" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || !values.name) {
    print(HELP);
    return values.help ? 0 : 2;
  }
  const url = Deno.env.get("DATABASE_URL") ||
    (await readState())?.databaseUrl;
  if (!url) {
    print(
      "Cannot create project as no database is known: start Assay with `deno task start`, or set DATABASE_URL",
    );
    return 1;
  }
  let made: FirstProject;
  try {
    made = await createFirstProject(url, {
      name: values.name,
      owner: values.owner,
      scopes: values.scopes.split(",").map((s) => s.trim()).filter(Boolean),
      keyName: `made on ${new Date().toISOString().slice(0, 10)}`,
    });
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    print(
      code === "ECONNREFUSED"
        ? "Cannot create project as the database does not answer: start it, or set DATABASE_URL to another"
        : message,
    );
    return 1;
  }
  print(
    values.json
      ? JSON.stringify({
        project_id: made.projectId,
        user_id: made.userId,
        api_key: made.apiKey,
      })
      : `Project  ${values.name} (${made.projectId})
Owner    ${values.owner} (${made.userId})
Key      ${made.apiKey}
         It is shown only now. It may: ${values.scopes.replaceAll(",", ", ")}.`,
  );
  return 0;
}

Deno.exit(await main());
