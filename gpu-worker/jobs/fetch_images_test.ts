import assert from "node:assert/strict";
import { FETCHED_AT_ONCE, ImageFetcher } from "./fetch_images.ts";

const uris = Array.from({ length: 20 }, (_, i) => `https://host.test/${i}`);

Deno.test("ImageFetcher gives each image at the place of its URI, a few at a time", async () => {
  let [running, most] = [0, 0];
  const fetcher = new ImageFetcher({}, async (uri) => {
    const i = Number(uri.split("/").at(-1));
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, i * 7 % 5));
    running--;
    return i % 4 === 0 ? { rule: "broken" } : Uint8Array.of(i);
  });
  const found = await fetcher.fetch(uris);
  for (const [i, image] of found.entries()) {
    assert.deepEqual(
      image,
      i % 4 === 0 ? { rule: "broken" } : Uint8Array.of(i),
    );
  }
  assert.equal(most, FETCHED_AT_ONCE);
  assert.equal(fetcher.nFetched, 15);
  assert.deepEqual(await fetcher.fetch([]), []);
});

Deno.test("ImageFetcher asks no host once the task's time for images is over", async () => {
  let now = 1000;
  const asked: string[] = [];
  const fetcher = new ImageFetcher({ budgetMs: 100 }, (uri) => {
    asked.push(uri);
    now += 60;
    return Promise.resolve(Uint8Array.of(1));
  }, () => now);
  const found = [
    ...await fetcher.fetch(uris.slice(0, 1)),
    ...await fetcher.fetch(uris.slice(1)),
  ];
  assert.deepEqual(asked, uris.slice(0, 2));
  for (const image of found.slice(2)) {
    assert.ok("rule" in image);
    assert.match(image.rule, /within 100 milliseconds/);
  }
});

Deno.test("ImageFetcher counts the time of fetching alone, and what was spent before", async () => {
  let now = 1000;
  const asked: string[] = [];
  const fetch = (uri: string) => {
    asked.push(uri);
    now += 30;
    return Promise.resolve(Uint8Array.of(1));
  };
  const first = new ImageFetcher({ budgetMs: 100 }, fetch, () => now);
  await first.fetch(uris.slice(0, 1));
  now += 1_000_000; // a slow model
  await first.fetch(uris.slice(1, 2));
  assert.equal(first.spentMs, 60);
  const { spentMs } = first;
  const second = new ImageFetcher(
    { budgetMs: 100, spentMs },
    fetch,
    () => now,
  );
  const found = await second.fetch(uris.slice(2, 6));
  assert.deepEqual(asked, uris.slice(0, 4));
  assert.deepEqual(found.map((image) => "rule" in image), [
    false,
    false,
    true,
    true,
  ]);
});
