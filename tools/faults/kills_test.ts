import assert from "node:assert/strict";
import { everyKill } from "./kills.ts";
import { ownerOf, PART_TAKERS, POINTS, PROCESSES } from "./points.ts";
import { mulberry32 } from "./workload.ts";

const named = (kills: ReturnType<typeof everyKill>) =>
  kills.map(({ victim, point }) => `${victim} ${point}`);

Deno.test("everyKill() has each process five times at each point it has a part in", () => {
  const counts = Map.groupBy(
    named(everyKill(5, mulberry32(1))),
    (name) => name,
  );
  const pairs = POINTS.flatMap((point) =>
    PART_TAKERS[point].map((victim) => `${victim} ${point}`)
  );
  assert.deepEqual([...counts.keys()].sort(), pairs.sort());
  for (const [name, kills] of counts) assert.equal(kills.length, 5, name);
});

Deno.test("everyKill() of half has every process and every point", () => {
  const half = everyKill(0.5, mulberry32(1));
  assert.equal(new Set(named(half)).size, half.length);
  assert.deepEqual(
    new Set(half.map(({ victim }) => victim)),
    new Set(PROCESSES),
  );
  assert.deepEqual(new Set(half.map(({ point }) => point)), new Set(POINTS));
});

Deno.test("everyKill() goes by its seed", () => {
  const order = (seed: number) => named(everyKill(1, mulberry32(seed)));
  assert.deepEqual(order(3), order(3));
  assert.notDeepEqual(order(3), order(4));
});

Deno.test("whoever passes a point, and the database, have a part in it", () => {
  for (const point of POINTS) {
    assert.ok(PART_TAKERS[point].includes(ownerOf(point)), point);
    assert.ok(
      PART_TAKERS[point].includes("database"),
      point,
    );
  }
});
