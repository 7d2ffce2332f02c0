import assert from "node:assert/strict";
import { Receiver } from "@upstash/qstash";
import { KEYS, withQueue } from "../testing/world.ts";

Deno.test("rotated keys sign what comes after, and receivers go on with the old pair", async () => {
  await withQueue(
    async ({ client, url, call, store, arrival, received }) => {
      assert.deepEqual((await call("GET", "/v2/keys")).json, KEYS);
      const rotated = (await call("POST", "/v2/keys/rotate")).json;
      assert.equal(rotated.current, KEYS.next);
      assert.match(String(rotated.next), /^sig_[\w-]{32}$/);
      await client.publish({ url, body: "x" });
      await arrival(1);
      const receiver = new Receiver({
        currentSigningKey: KEYS.current,
        nextSigningKey: KEYS.next,
      });
      assert.ok(
        await receiver.verify({
          signature: received[0]!.headers.get("upstash-signature")!,
          body: "x",
          url,
        }),
      );
      await store.signingKeys.prepare(KEYS);
      assert.deepEqual(
        await store.signingKeys.get(),
        rotated,
        "a restart with the same environment keeps them",
      );
      const others = { current: "sig_x", next: "sig_y" };
      await store.signingKeys.prepare(others);
      assert.deepEqual(await store.signingKeys.get(), others);
    },
  );
});
