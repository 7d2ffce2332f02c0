import assert from "node:assert/strict";
import { withQueue } from "../testing/world.ts";

Deno.test("a URL group is made, changed and forgotten with its last endpoint", async () => {
  await withQueue(async ({ client, call }) => {
    const { urlGroups } = client;
    const one = { name: "one", url: "http://one.test/" };
    await urlGroups.addEndpoints({ name: "g", endpoints: [one] });
    await urlGroups.addEndpoints({
      name: "g",
      endpoints: [{ url: "http://two.test/" }, {
        name: "one",
        url: "http://1.test/",
      }],
    });
    const group = await urlGroups.get("g");
    assert.deepEqual(group.endpoints, [
      { url: "http://two.test/" },
      { url: "http://1.test/", name: "one" },
    ]);
    assert.ok(group.updatedAt >= group.createdAt);
    assert.deepEqual((await urlGroups.list()).map((g) => g.name), ["g"]);
    await urlGroups.removeEndpoints({
      name: "g",
      endpoints: [{ name: "one" }],
    });
    assert.equal((await urlGroups.get("g")).endpoints.length, 1);
    await urlGroups.removeEndpoints({
      name: "g",
      endpoints: [{ url: "http://two.test/" }],
    });
    assert.deepEqual(await urlGroups.list(), []);
    assert.equal((await call("GET", "/v2/topics/g")).status, 404);
    assert.equal((await call("DELETE", "/v2/topics/g")).status, 404);
  });
});

Deno.test("endpoints that are none are refused with a sentence", async () => {
  await withQueue(async ({ call }) => {
    for (
      const [name, body] of [
        ["a b", '{"endpoints":[{"url":"http://a.test"}]}'],
        ["g", '{"endpoints":[]}'],
        ["g", '{"endpoints":[{"url":"a.test"}]}'],
        ["g", '{"endpoints":[{"name":"a"}]}'],
        ["g", '{"endpoints":[null]}'],
        ["g", "nonsense"],
      ] as const
    ) {
      const path = `/v2/topics/${encodeURIComponent(name)}/endpoints`;
      const answer = await call("POST", path, { body });
      assert.equal(answer.status, 400, body);
      assert.match(String(answer.json.error), /invalid/);
    }
    assert.deepEqual((await call("GET", "/v2/topics")).json, []);
  });
});
