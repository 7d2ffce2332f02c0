/** What a composition root reads from the environment. */
export interface EdgeConfig {
  /** Login role `assay_edge`. */
  readonly databaseUrl: string;
  readonly supabaseUrl: string;
  readonly serviceKey: string;
  readonly qstashUrl: string;
  readonly qstashToken: string;
  readonly workerUrl: string;
  readonly allowedOrigins: readonly string[];
  /** Module that exports `reached(point)`, for the fault suite; null outside it. */
  readonly faultModule: string | null;
}

/** Reads the environment; says by name what is missing. */
export function readConfig(
  get: (name: string) => string | undefined,
): EdgeConfig {
  const need = (name: string, value = get(name)): string => {
    if (value) return value;
    throw new Error(
      `Cannot start: environment variable ${name} must be set`,
    );
  };
  return {
    databaseUrl: need("DATABASE_URL"),
    supabaseUrl: need("SUPABASE_URL").replace(/\/+$/, ""),
    serviceKey: need(
      "SUPABASE_SERVICE_ROLE_KEY",
      secretKey(get("SUPABASE_SECRET_KEYS")) ??
        get("SUPABASE_SERVICE_ROLE_KEY"),
    ),
    qstashUrl: get("QSTASH_URL") || "https://qstash.upstash.io",
    qstashToken: need("QSTASH_TOKEN"),
    workerUrl: need("WORKER_URL"),
    allowedOrigins: (get("ASSAY_ALLOWED_ORIGINS") ?? "").split(",")
      .map((origin) => origin.trim()).filter((origin) => origin !== ""),
    faultModule: get("ASSAY_FAULT_MODULE") || null,
  };
}

/** Hosted projects have named secret keys in place of the one service key. */
function secretKey(keys: string | undefined): string | undefined {
  if (!keys) return undefined;
  const { default: key } = JSON.parse(keys) as { default?: string };
  return key;
}
