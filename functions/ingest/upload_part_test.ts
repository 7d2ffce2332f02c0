import assert from "node:assert/strict";
import { AppError } from "@shared/errors.ts";
import { parsePartEnvelope } from "@shared/schemas/part.ts";
import { createLogger } from "../_shared/log.ts";
import type { KnownPart, PartStore } from "../_shared/store/part_store.ts";
import { CALLERS, PROJECT_ID } from "../_shared/testing/fakes.ts";
import { meter } from "../_shared/receive.ts";
import { uploadPart } from "./upload_part.ts";

const runId = "6f1c1c2e-6c43-4c58-9f0e-6d4f3a2b1c0d";
const envelope = parsePartEnvelope(
  { kind: "samples", split: "test", seq: "0" },
  new Headers({ "idempotency-key": "k", "content-type": "application/json" }),
);

/** Takes the bytes `abc`, and tells what happened in which order. */
async function take(
  parts: Partial<PartStore>,
  uploadFails: false | "before reading" | "after reading" = false,
) {
  const happened: string[] = [];
  const store: PartStore = {
    look: () =>
      Promise.resolve({
        projectId: PROJECT_ID,
        isOpen: true,
        known: null,
        positionTakenBy: null,
      }),
    record: (_caller, _runId, _envelope, content) => {
      happened.push("record");
      return Promise.resolve({
        part: { envelope, ...content },
        isNew: true,
      });
    },
    holds: () => Promise.resolve(false),
    ...parts,
  };
  const answer = await uploadPart({
    parts: store,
    objects: {
      upload: async (path, bytes) => {
        if (uploadFails !== "before reading") {
          await new Response(bytes as BodyInit).bytes();
        }
        if (uploadFails) throw new AppError("upstream_unavailable", "Down");
        assert.match(path, new RegExp(`^${PROJECT_ID}/${runId}/parts/`));
        happened.push("upload");
      },
      remove: () => {
        happened.push("remove");
        return Promise.reject(new Error("still down"));
      },
      download: () => Promise.reject(new Error("not asked for")),
      signUpload: () => Promise.reject(new Error("not asked for")),
      size: () => Promise.reject(new Error("not asked for")),
      check: () => Promise.resolve(),
    },
    reached: (point) => {
      happened.push(point);
    },
  }, {
    caller: CALLERS.key!,
    runId,
    envelope,
    body: meter(new Response("abc")),
    log: createLogger(() => {}, () => new Date(0)),
  }).catch((error) => error.code as string);
  return { answer, happened };
}

Deno.test("uploadPart() stores the bytes before the row, and answers after it", async () => {
  const { answer, happened } = await take({});
  assert.ok(typeof answer === "object" && answer.isNew);
  assert.equal(answer.receipt.size_bytes, 3);
  assert.deepEqual(happened, [
    "upload",
    "upload_stored",
    "record",
    "upload_recorded",
  ]);
});

Deno.test("uploadPart() records nothing when Storage fails", async () => {
  for (const when of ["before reading", "after reading"] as const) {
    const { answer, happened } = await take({}, when);
    assert.equal(answer, "upstream_unavailable", when);
    assert.deepEqual(happened, []);
  }
});

Deno.test("uploadPart() removes its object when the row says that it lost", async () => {
  const closed = await take({
    record: () => Promise.reject(new AppError("run_closed", "Closed")),
  });
  assert.equal(closed.answer, "run_closed");
  assert.deepEqual(closed.happened, ["upload", "upload_stored", "remove"]);
  const raced = await take({
    record: (_c, _r, _e, content) =>
      Promise.resolve({
        part: { envelope, ...content, partId: "first" },
        isNew: false,
      }),
  });
  assert.ok(typeof raced.answer === "object");
  assert.equal(raced.answer.receipt.part_id, "first");
  assert.ok(raced.happened.includes("remove"));
});

Deno.test("uploadPart() keeps its object when nobody knows whether the row stands", async () => {
  for (
    const error of [
      new AppError("upstream_unavailable", "Lost at commit"),
      new Error("anything else"),
    ]
  ) {
    const { happened } = await take({ record: () => Promise.reject(error) });
    assert.deepEqual(happened, ["upload", "upload_stored"]);
  }
});

Deno.test("uploadPart() reads a known part's bytes without storing them", async () => {
  const known = async (text: string): Promise<KnownPart> => ({
    partId: "p",
    envelope,
    sizeBytes: text.length,
    sha256: await hashOf(text),
  });
  const look = (part: KnownPart) => () =>
    Promise.resolve({
      projectId: PROJECT_ID,
      isOpen: false,
      known: part,
      positionTakenBy: null,
    });
  const same = await take({ look: look(await known("abc")) });
  assert.ok(typeof same.answer === "object" && !same.answer.isNew);
  const other = await take({ look: look(await known("abd")) });
  assert.equal(other.answer, "idempotency_conflict");
  assert.deepEqual([...same.happened, ...other.happened], []);
});

/** SHA-256, by the other implementation at hand. */
async function hashOf(text: string): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
