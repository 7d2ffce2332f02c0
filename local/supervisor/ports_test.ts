import assert from "node:assert/strict";
import { askedPort, freePort } from "./ports.ts";

function asked(value: string): number | null {
  Deno.env.set("ASSAY_TEST_PORT", value);
  try {
    return askedPort("ASSAY_TEST_PORT");
  } finally {
    Deno.env.delete("ASSAY_TEST_PORT");
  }
}

Deno.test("freePort() is the one wanted if it is free, else another", () => {
  const wanted = freePort();
  assert.equal(freePort(wanted), wanted);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: wanted });
  try {
    assert.notEqual(freePort(wanted), wanted);
  } finally {
    listener.close();
  }
});

Deno.test("askedPort() is null if nothing is asked for", () => {
  assert.equal(askedPort("ASSAY_TEST_PORT"), null);
  assert.equal(asked(""), null);
});

Deno.test("askedPort() refuses a port that is taken, and says what to do", () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  try {
    assert.throws(() => asked(String(port)), {
      message:
        `Cannot start as port ${port} is taken: stop what listens there, or set ASSAY_TEST_PORT to another`,
    });
  } finally {
    listener.close();
  }
  assert.equal(asked(String(port)), port);
});

Deno.test("askedPort() refuses what is no port", () => {
  for (const value of ["x", "0", "65536", "1.5", "-1"]) {
    assert.throws(() => asked(value), {
      message:
        `Cannot start as ASSAY_TEST_PORT must be a port: current value is "${value}"`,
    });
  }
});
