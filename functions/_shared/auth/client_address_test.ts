import assert from "node:assert/strict";
import { clientAddress } from "./client_address.ts";

const addressOf = (value: string) =>
  clientAddress(new Headers({ "x-forwarded-for": value }), "x-forwarded-for");

Deno.test("clientAddress() is what the nearest proxy wrote, not what was sent to it", () => {
  assert.equal(addressOf("192.0.2.7"), "192.0.2.7");
  assert.equal(addressOf("made up, 10.0.0.1 , 192.0.2.7"), "192.0.2.7");
  assert.equal(addressOf("2001:db8::1"), "2001:db8::1");
});

Deno.test("clientAddress() is of some length where there is none, or too much", () => {
  assert.equal(clientAddress(new Headers(), "x-forwarded-for"), "unknown");
  assert.equal(addressOf(","), "unknown");
  assert.equal(addressOf("a".repeat(5000)).length, 64);
});
