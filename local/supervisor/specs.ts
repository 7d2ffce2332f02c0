import { join } from "node:path";
import { type Installation, publicKeys, serviceKey } from "../installation.ts";
import { readJson, ROOT, writePrivate } from "../home.ts";
import type { LoginRole } from "../database/migrate.ts";
import type { ChildSpec } from "./child.ts";
import { freePort } from "./ports.ts";

/** What the processes are told. */
export interface SpecInputs {
  /** Folder of the installation. */
  readonly home: string;
  /** Secrets, with the first project. */
  readonly installation: Installation;
  /** URL of the database for a login role. */
  readonly databaseUrl: (role: LoginRole) => string;
  /** Port of the gateway. */
  readonly port: number;
  /** More environment for every process. */
  readonly extraEnv: Readonly<Record<string, string>>;
}

const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "TMPDIR",
  "TEMP",
  "DENO_DIR",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "NPM_CONFIG_REGISTRY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "XDG_CACHE_HOME",
  "SYSTEMROOT",
  "LD_LIBRARY_PATH",
  "ASSAY_DEVICE",
  "ASSAY_REQUESTS_PER_CALLER",
  "ASSAY_REQUESTS_PER_PROJECT",
  "ASSAY_FAILURES_PER_ADDRESS",
  "ASSAY_ENCODE_BUDGET_S",
  "ASSAY_IMAGE_ENCODER",
  "ASSAY_IMAGE_FETCH_BUDGET_S",
  "ASSAY_IMAGE_ORIGINS",
  "ASSAY_MODEL_BATCH_S",
  "ASSAY_MODEL_BLOCK_S",
  "ASSAY_MODEL_DEVICE",
  "ASSAY_MODEL_MEMORY_MB",
  "ASSAY_MODEL_TASK_S",
  "ASSAY_TEXT_ENCODER",
];

/** One entry for each process but the database, the gateway last. */
export async function childSpecs(inputs: SpecInputs): Promise<ChildSpec[]> {
  const { home, installation, databaseUrl, port } = inputs;
  const [storagePort, queuePort, ingestPort, apiPort, workerPort] =
    await keptPorts(home);
  const base = Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const at = (n: number) => `http://127.0.0.1:${n}`;
  const platform = {
    SUPABASE_URL: at(port),
    SUPABASE_SERVICE_ROLE_KEY: await serviceKey(installation),
    QSTASH_URL: at(queuePort),
    QSTASH_TOKEN: installation.queueToken,
    WORKER_URL: at(workerPort),
    UPSTASH_DISABLE_TELEMETRY: "1",
  };
  const signingKeys = {
    QSTASH_CURRENT_SIGNING_KEY: installation.currentSigningKey,
    QSTASH_NEXT_SIGNING_KEY: installation.nextSigningKey,
  };
  const jwks = JSON.stringify(publicKeys(installation));
  const isUnderTest = "ASSAY_FAULT_MODULE" in inputs.extraEnv;
  const child = (
    name: string,
    entry: string,
    permissions: string[],
    healthUrl: string,
    env: Record<string, string>,
  ): ChildSpec => ({
    name,
    healthUrl,
    env: { ...base, ...env, ...inputs.extraEnv },
    args: [
      "run",
      "--quiet",
      ...isUnderTest ? ["-A"] : permissions,
      join(ROOT, "local/supervisor/run_child.ts"),
      join(ROOT, entry),
    ],
  });
  const reading = ["--allow-net", "--allow-env", "--allow-read", "--allow-sys"];
  const edge = (slug: string, edgePort: number) =>
    child(
      slug,
      `functions/${slug}/index.ts`,
      reading,
      `${at(edgePort)}/${slug}/v1/health`,
      {
        ...platform,
        DATABASE_URL: databaseUrl("assay_edge"),
        DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${edgePort}`,
      },
    );
  const files = join(home, "storage");
  return [
    child(
      "storage",
      "local/storage/main.ts",
      [...reading, `--allow-write=${files}`],
      `${at(storagePort)}/health`,
      {
        DATABASE_URL: databaseUrl("supabase_storage_admin"),
        STORAGE_DIR: files,
        STORAGE_PUBLIC_URL: `${at(port)}/storage/v1`,
        PORT: String(storagePort),
        JWT_SECRET: installation.jwtSecret,
        JWKS: jwks,
      },
    ),
    child(
      "queue",
      "local/queue/main.ts",
      reading,
      `${at(queuePort)}/health`,
      {
        ...signingKeys,
        DATABASE_URL: databaseUrl("assay_queue"),
        QSTASH_TOKEN: installation.queueToken,
        PORT: String(queuePort),
      },
    ),
    edge("ingest", ingestPort),
    edge("api", apiPort),
    child("worker", "gpu-worker/main.ts", ["-A"], `${at(workerPort)}/health`, {
      ...platform,
      ...signingKeys,
      DATABASE_URL: databaseUrl("assay_worker"),
      PORT: String(workerPort),
    }),
    child("gateway", "local/gateway/main.ts", reading, `${at(port)}/health`, {
      PORT: String(port),
      PUBLIC_URL: at(port),
      FUNCTIONS: JSON.stringify({ ingest: at(ingestPort), api: at(apiPort) }),
      STORAGE_URL: at(storagePort),
      CONSOLE_DIR: join(home, "console"),
      LOGIN_TOKEN: installation.loginToken,
      USER_ID: installation.first!.userId,
      USER_EMAIL: LOCAL_USER,
      SIGNING_JWK: JSON.stringify(installation.signingJwk),
    }),
  ];
}

type Ports = [number, number, number, number, number];

/** The ports of last time where they are free: messages that wait in the queue name the worker's. */
async function keptPorts(home: string): Promise<Ports> {
  const path = join(home, "ports.json");
  const last = await readJson<Ports>(path) ?? [0, 0, 0, 0, 0];
  const ports = last.map((port) => freePort(port)) as Ports;
  await writePrivate(path, JSON.stringify(ports));
  return ports;
}

/** Account of whoever opens the printed link. */
export const LOCAL_USER = "local@assay.localhost";
