import { RATE_LIMITS, type RateLimitSettings } from "./auth/rate_limits.ts";

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
  readonly rateLimits: RateLimitSettings;
  /** Header in which the proxy before us says where a request came from. */
  readonly addressHeader: string;
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
  const perMinute = (name: string, byDefault: number): number => {
    const value = Number(get(name) || byDefault);
    if (Number.isFinite(value) && (value === 0 || value >= 1)) return value;
    throw new Error(
      `Cannot start: environment variable ${name} must be 0 or a number of requests a minute: current value is "${
        get(name)
      }"`,
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
    rateLimits: {
      perCaller: perMinute("ASSAY_REQUESTS_PER_CALLER", RATE_LIMITS.perCaller),
      perProject: perMinute(
        "ASSAY_REQUESTS_PER_PROJECT",
        RATE_LIMITS.perProject,
      ),
      failuresPerAddress: perMinute(
        "ASSAY_FAILURES_PER_ADDRESS",
        RATE_LIMITS.failuresPerAddress,
      ),
    },
    addressHeader: get("ASSAY_ADDRESS_HEADER") || "x-forwarded-for",
    faultModule: get("ASSAY_FAULT_MODULE") || null,
  };
}

/** Hosted projects have named secret keys in place of the one service key. */
function secretKey(keys: string | undefined): string | undefined {
  if (!keys) return undefined;
  const { default: key } = JSON.parse(keys) as { default?: string };
  return key;
}
