import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { bytes, OWNERS_POLICIES, refusal, text } from "./testing/ask.ts";
import { SECRET, withStorage } from "./testing/world.ts";

Deno.test("Storage: signed URLs of the unmodified client", async (t) => {
  await withStorage(async (world) => {
    await world.service.storage.createBucket("a", { public: false });
    await world.service.storage.createBucket("b", { public: true });
    await world.admin.unsafe(OWNERS_POLICIES);
    const { service, publicUrl } = world;
    const a = service.storage.from("a");
    const sign = (claims: Record<string, unknown>, secret = SECRET) =>
      new SignJWT(claims).setProtectedHeader({ alg: "HS256" })
        .setExpirationTime("1h").sign(bytes(secret));

    await t.step(
      "createSignedUrl() lets its carrier read one object",
      async () => {
        await a.upload("s/a b", bytes("signed"));
        const { data } = await a.createSignedUrl("s/a b", 60, {
          download: "n.txt",
        });
        const answer = await fetch(data!.signedUrl);
        assert.equal(await answer.text(), "signed");
        assert.match(answer.headers.get("content-disposition")!, /n\.txt/);
        assert.ok(Date.parse(answer.headers.get("expires")!) > Date.now());
        const head = await fetch(data!.signedUrl, { method: "HEAD" });
        assert.equal(head.status, 200);
      },
    );

    await t.step("createSignedUrls() says which are not there", async () => {
      const { data } = await a.createSignedUrls(["s/a b", "none"], 60);
      assert.equal(await (await fetch(data![0]!.signedUrl!)).text(), "signed");
      assert.deepEqual([data![1]!.signedUrl, data![1]!.path], [null, "none"]);
      assert.match(data![1]!.error!, /does not exist/);
      const { data: seen } = await world.stranger.storage.from("a")
        .createSignedUrls(["s/a b"], 60);
      assert.equal(seen![0]!.signedUrl, null);
    });

    await t.step(
      "a token is good for its object, its action and its time",
      async () => {
        const get = async (token: string, key = "s/a%20b") =>
          (await (await fetch(
            `${publicUrl}/object/sign/a/${key}?token=${token}`,
          ))
            .json()).code;
        const url = "a/s/a b";
        assert.equal(
          await get(await sign({ url, scope: "download" }), "o/raw"),
          "InvalidSignature",
        );
        assert.equal(
          await get(await sign({ url, scope: "upload" })),
          "InvalidSignature",
        );
        assert.equal(await get(await sign({ url })), "InvalidSignature");
        assert.equal(
          await get(
            await sign({ url, scope: "download" }, "x".repeat(32)),
          ),
          "InvalidJWT",
        );
        assert.equal(await get("nonsense"), "InvalidJWT");
        const { data } = await a.createSignedUrl("s/a b", 1);
        await new Promise((resolve) => setTimeout(resolve, 1100));
        assert.equal(
          (await (await fetch(data!.signedUrl)).json()).code,
          "InvalidJWT",
        );
        const never = await new SignJWT({ url, scope: "download" })
          .setProtectedHeader({ alg: "HS256" }).sign(bytes(SECRET));
        assert.equal(await get(never), "InvalidJWT");
      },
    );

    await t.step(
      "a signed URL's token is no key, and a key is no such token",
      async () => {
        const token = await sign({ url: "a/s/a b", scope: "download" });
        const answer = await fetch(`${publicUrl}/bucket`, {
          headers: { authorization: `Bearer ${token}` },
        });
        assert.equal((await answer.json()).code, "AccessDenied");
        const other = await fetch(
          `${publicUrl}/object/upload/sign/a/s/k?token=${world.keys.service}`,
          { method: "PUT", body: "x" },
        );
        assert.equal((await other.json()).code, "InvalidSignature");
      },
    );

    await t.step(
      "uploadToSignedUrl() writes once, or more often if it may replace",
      async () => {
        const { data } = await a.createSignedUploadUrl("s/up");
        const nobody = world.anon.storage.from("a");
        const put = (body: string | Blob, token = data!.token, key = "s/up") =>
          nobody.uploadToSignedUrl(key, token, body, { contentType: "x/y" });
        assert.equal((await put("1")).error, null);
        assert.deepEqual(await refusal(put("2")), [
          "409",
          "The resource already exists",
        ]);
        assert.equal((await refusal(put("2", data!.token, "s/z")))![0], "400");
        assert.equal(
          (await refusal(a.createSignedUploadUrl("s/up")))![0],
          "409",
        );
        const { data: more } = await a.createSignedUploadUrl("s/up", {
          upsert: true,
        });
        assert.equal((await put(new Blob(["3"]), more!.token)).error, null);
        assert.equal((await put("4", more!.token)).error, null);
        assert.equal(await text(service, "a", "s/up"), "4");
        const refused = await refusal(nobody.createSignedUploadUrl("s/new"));
        assert.equal(refused![0], "403");
        const claims = JSON.parse(atob(data!.token.split(".")[1]!));
        assert.equal(claims.exp - claims.iat, 7200);
      },
    );

    await t.step(
      "a signed upload keeps the owner who asked for it",
      async () => {
        const mine = world.member.storage.from("a");
        const { data } = await mine.createSignedUploadUrl("own/signed");
        await world.anon.storage.from("a").uploadToSignedUrl(
          "own/signed",
          data!.token,
          "x",
        );
        assert.equal(await text(world.member, "a", "own/signed"), "x");
      },
    );
  });
});
