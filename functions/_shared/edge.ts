import { createClient } from "@supabase/supabase-js";
import type { ReachPoint } from "@shared/types/fault.ts";
import { createAuthenticate } from "./auth/authenticate.ts";
import { supabaseJwt } from "./auth/supabase_jwt.ts";
import { createRateLimits } from "./auth/rate_limits.ts";
import type { EdgeConfig } from "./config.ts";
import { createLogger } from "./log.ts";
import type { StackDeps } from "./middleware/stack.ts";
import { qstashRing } from "./outbox/qstash_ring.ts";
import { createRelay, type Relay } from "./outbox/relay.ts";
import { createAccessStore } from "./store/access_store.ts";
import { createDatabase, type Database } from "./store/database.ts";
import { createKeyStore } from "./store/key_store.ts";
import { createObjectStore, type ObjectStore } from "./store/object_store.ts";
import { createOutboxStore } from "./store/outbox_store.ts";

/** What both functions reach outside themselves. */
export interface Edge extends StackDeps {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly relay: Relay;
  readonly reached: ReachPoint;
}

/** Wires the edge to its platform: the part of the composition roots that both share. Connects lazily. */
export async function createEdge(config: EdgeConfig): Promise<Edge> {
  const { reached }: { reached: ReachPoint } = config.faultModule === null
    ? { reached: () => {} }
    : await import(config.faultModule); // first: it may stand in for fetch
  const database = createDatabase(config.databaseUrl);
  const supabase = createClient(config.supabaseUrl, config.serviceKey, {
    auth: {
      persistSession: false,
      autoRefreshToken: false,
      detectSessionInUrl: false,
    },
  });
  const objects = createObjectStore(supabase, {
    url: config.supabaseUrl,
    serviceKey: config.serviceKey,
  });
  return {
    database,
    objects,
    authenticate: createAuthenticate({
      keys: createKeyStore(database),
      verifyJwt: supabaseJwt(supabase),
    }),
    access: createAccessStore(database),
    rateLimits: createRateLimits(config.rateLimits, () => performance.now()),
    addressHeader: config.addressHeader,
    relay: createRelay({
      outbox: createOutboxStore(database),
      ring: qstashRing({
        url: config.qstashUrl,
        token: config.qstashToken,
        workerUrl: config.workerUrl,
      }),
    }),
    reached,
    allowedOrigins: config.allowedOrigins,
    // The hosted runtime collects what console.error writes; locally that is stderr.
    // deno-lint-ignore no-console
    log: createLogger((line) => console.error(line), () => new Date()),
    ready: async () => {
      await database.asNobody((sql) => sql`select 1`);
      await objects.check();
    },
  };
}
