// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluateFilter, type FilterColumns } from "@shared/filter/evaluate.ts";
import { AppError } from "@shared/errors.ts";
import { parseSampleFilter } from "@shared/schemas/filter.ts";
import { parseJobQuery, parseJobRequest } from "@shared/schemas/job.ts";
import {
  compileMetadataSchema,
  parseMetadataSchema,
} from "@shared/schemas/metadata_schema.ts";
import { parsePageQuery } from "@shared/schemas/page.ts";
import {
  parseAnnouncedPart,
  parseFinishRequest,
  parsePartEnvelope,
} from "@shared/schemas/part.ts";
import {
  parseKeyRequest,
  parseMemberRequest,
  parseProjectChanges,
  parseProjectRequest,
} from "@shared/schemas/project.ts";
import { parseRunQuery, parseRunRequest } from "@shared/schemas/run.ts";
import { parseSampleQuery } from "@shared/schemas/sample_query.ts";
import { parseTaskMessage } from "@shared/schemas/task.ts";
import { parseVerdictsRequest } from "@shared/schemas/verdict.ts";
import type { Split } from "@shared/types/part.ts";
import { hostileJson, hostileText, mutated, testProperty } from "./property.ts";

const ID = "0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11";
const PART = { kind: "outputs", split: "test", epoch: "3", seq: "0" };
const METADATA_SCHEMA = {
  type: "object",
  properties: {
    folder: { type: ["string", "null"], maxLength: 9, enum: ["a", "b"] },
    size: { type: "number", minimum: 0, multipleOf: 0.5 },
    tags: { type: "array", items: { type: "string" }, maxItems: 3 },
    at: { type: "object", required: ["x"], additionalProperties: false },
  },
  required: ["folder"],
  additionalProperties: { type: "boolean" },
};
const FILTER = {
  ids: ["a", "b"],
  splits: ["training"],
  given_labels: ["ham", null],
  issue_types: ["clean", "mislabeled"],
  scores: { mislabeled_score: { min: 0.1, max: 0.9 }, hardness: {} },
  verdicts: ["none", "keep"],
  metadata: { folder: { in: ["a", 1, null] }, size: { min: 1 } },
  text: "buy",
  lasso: [[0, 0], [1, 0], [1, 1]],
  similar_to: { split: "training", sample_id: "a", min_similarity: 0.5 },
};

/** Each parser of a body, with a body that it takes. */
const BODIES: Readonly<Record<string, [(value: unknown) => unknown, unknown]>> =
  {
    parseRunRequest: [(value) => parseRunRequest(value, ID), {
      project: "p",
      name: "n",
      label_names: ["ham", "spam"],
      writers: 2,
      metadata_schema: METADATA_SCHEMA,
    }],
    parseFinishRequest: [parseFinishRequest, {
      writer: "0",
      generation: 1,
      manifest: [{
        part_kind: "samples",
        split: "training",
        epoch: 0,
        parts: 2,
        rows: 9,
      }],
    }],
    parseAnnouncedPart: [
      (value) =>
        parseAnnouncedPart(
          PART,
          new Headers({ "idempotency-key": "k" }),
          value,
        ),
      {
        content_type: "application/x-ndjson",
        content_encoding: "gzip",
        size_bytes: 1,
        sha256: "0".repeat(64),
      },
    ],
    parseMetadataSchema: [parseMetadataSchema, METADATA_SCHEMA],
    parseSampleFilter: [parseSampleFilter, FILTER],
    parseJobRequest: [parseJobRequest, { job_kind: "score_run", run_id: ID }],
    parseProjectRequest: [parseProjectRequest, { name: "p" }],
    parseProjectChanges: [parseProjectChanges, {
      name: "p",
      retention_days: 3,
    }],
    parseMemberRequest: [parseMemberRequest, { role: "viewer" }],
    parseKeyRequest: [parseKeyRequest, {
      name: "k",
      scopes: ["read", "ingest"],
      expires_at: "2030-01-01T00:00:00Z",
    }],
    parseVerdictsRequest: [parseVerdictsRequest, {
      verdicts: [{
        verdict_id: ID,
        sample_id: "a",
        split: "test",
        verdict: "relabel",
        label: "spam",
        comment: "x",
      }],
    }],
    parseTaskMessage: [parseTaskMessage, { version: 1, taskId: ID }],
  };

const QUERIES: Readonly<
  Record<
    string,
    [
      (query: Record<string, string>) => unknown,
      Record<string, string>,
    ]
  >
> = {
  parsePartEnvelope: [
    (query) =>
      parsePartEnvelope(
        query,
        new Headers({
          "idempotency-key": "k",
          "content-type": "application/json; charset=utf-8",
        }),
      ),
    PART,
  ],
  parsePageQuery: [parsePageQuery, { limit: "5", cursor: "x" }],
  parseRunQuery: [parseRunQuery, { project_id: ID, name: "n" }],
  parseJobQuery: [parseJobQuery, { run_id: ID, state: "failed" }],
  parseSampleQuery: [parseSampleQuery, { split: "test", min_score: "0.5" }],
};

/** What was taken, or null where a named rule refused it. Anything else that is thrown is a bug. */
function takenBy(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    assert.ok(error instanceof AppError, `${(error as Error).stack}`);
    assert.ok(
      ["validation_failed", "unsupported_media_type"].includes(error.code),
      error.code,
    );
    assert.match(error.message, /^Cannot /);
    return null;
  }
}

/** PostgreSQL takes neither NUL nor half a character. */
function assertStorable(value: unknown, where: string): void {
  if (typeof value === "string") {
    assert.ok(value.isWellFormed() && !value.includes("\0"), where);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      assertStorable(key, where);
      assertStorable(child, `${where}.${key}`);
    }
  }
}

for (const [name, [parse, valid]] of Object.entries(BODIES)) {
  Deno.test(`${name}() takes what is mutated below`, () => {
    assert.notEqual(parse(valid), null);
  });
  testProperty(
    `${name}() takes or refuses any JSON, and gives nothing that cannot be stored`,
    fc.oneof(
      { weight: 4, arbitrary: mutated(valid) },
      { weight: 1, arbitrary: hostileJson },
    ),
    (value) => assertStorable(takenBy(() => parse(value)), name),
    400,
  );
}

for (const [name, [parse, valid]] of Object.entries(QUERIES)) {
  testProperty(
    `${name}() takes or refuses any query`,
    fc.array(
      fc.tuple(
        fc.oneof(fc.constantFrom(...Object.keys(valid)), hostileText),
        hostileText,
      ),
      { maxLength: 3 },
    ).map((changes) => ({ ...valid, ...Object.fromEntries(changes) })),
    (query) => void takenBy(() => parse(query)),
    400,
  );
}

testProperty(
  "a metadata schema that is taken compiles, and its check answers for any row",
  fc.tuple(mutated(METADATA_SCHEMA), fc.array(hostileJson, { maxLength: 4 })),
  ([value, rows]) => {
    const schema = takenBy(() => parseMetadataSchema(value));
    if (schema === null) return;
    const check = compileMetadataSchema(schema as Record<string, unknown>);
    for (const row of [...rows, { folder: "a" }, {}]) {
      const answer = check(row);
      assert.ok(answer === null || typeof answer === "string");
    }
  },
  300,
);

const COLUMNS: FilterColumns = {
  length: 3,
  ids: ["a", "b", "__proto__"],
  splits: ["training", "test", "training"] as Split[],
  givenLabels: ["ham", null, "\0"],
  predictedLabels: [null, "spam", "ham"],
  suggestedLabels: [null, null, "ham"],
  issueTypes: [[], ["mislabeled"], ["hard", "boundary"]],
  scores: Object.fromEntries(
    [
      "mislabeled_score",
      "mislabeled_probability",
      "data_error_potential",
      "outlier_score",
      "hardness",
    ].map((name) => [name, [0.5, null, NaN]]),
  ),
  verdicts: [null, "keep", "clear"],
  metadata: [{ folder: "a" }, {}, JSON.parse('{"__proto__": 1}')],
  texts: ["Buy now", null, "\ud800"],
  positions: [0.5, 0.25, NaN, 0, 2, 2],
  embeddings: [1, 0, 0, 0, NaN, 1],
};

testProperty(
  "evaluateFilter() means what all its conditions mean, each by itself",
  mutated(FILTER),
  (value) => {
    const filter = takenBy(() => parseSampleFilter(value)) as object | null;
    if (filter === null) return;
    const mask = evaluateFilter(filter, COLUMNS);
    const each = Object.entries(filter).map(([key, condition]) =>
      evaluateFilter({ [key]: condition }, COLUMNS)
    );
    const all = Array.from(mask, (_, row) => each.every((m) => m[row] === 1));
    assert.deepEqual(Array.from(mask, (bit) => bit === 1), all);
  },
  1_000,
);
