import assert from "node:assert/strict";
import { RATE_LIMITS } from "./auth/rate_limits.ts";
import { readConfig } from "./config.ts";

const ENV: Record<string, string> = {
  DATABASE_URL: "postgres://x",
  SUPABASE_URL: "https://x.supabase.co/",
  SUPABASE_SERVICE_ROLE_KEY: "service",
  QSTASH_TOKEN: "token",
  WORKER_URL: "https://worker",
};
const read = (more: Record<string, string> = {}) =>
  readConfig((name) => ({ ...ENV, ...more })[name]);

Deno.test("readConfig() reads what is set, with defaults for the rest", () => {
  assert.deepEqual(read(), {
    databaseUrl: "postgres://x",
    supabaseUrl: "https://x.supabase.co",
    serviceKey: "service",
    qstashUrl: "https://qstash.upstash.io",
    qstashToken: "token",
    workerUrl: "https://worker",
    allowedOrigins: [],
    rateLimits: RATE_LIMITS,
    addressHeader: "x-forwarded-for",
    faultModule: null,
  });
});

Deno.test("readConfig() takes a hosted project's named secret key before the old one", () => {
  assert.equal(
    read({ SUPABASE_SECRET_KEYS: '{"default":"sb_secret_1"}' }).serviceKey,
    "sb_secret_1",
  );
  assert.equal(
    read({ SUPABASE_SECRET_KEYS: '{"other":"sb_secret_1"}' }).serviceKey,
    "service",
  );
});

Deno.test("readConfig() splits origins, and names a variable that is missing", () => {
  assert.deepEqual(
    read({ ASSAY_ALLOWED_ORIGINS: "https://a, https://b," }).allowedOrigins,
    ["https://a", "https://b"],
  );
  assert.throws(() => read({ DATABASE_URL: "" }), /DATABASE_URL/);
});

Deno.test("readConfig() takes other rate limits, 0 for none, and refuses what is no number", () => {
  const { rateLimits } = read({
    ASSAY_REQUESTS_PER_CALLER: "600",
    ASSAY_FAILURES_PER_ADDRESS: "0",
  });
  assert.deepEqual(rateLimits, {
    ...RATE_LIMITS,
    perCaller: 600,
    failuresPerAddress: 0,
  });
  for (const value of ["many", "-1", "0.5"]) {
    assert.throws(
      () => read({ ASSAY_REQUESTS_PER_PROJECT: value }),
      /ASSAY_REQUESTS_PER_PROJECT must be 0 or a number/,
    );
  }
});
