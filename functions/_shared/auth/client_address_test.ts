import assert from "node:assert/strict";
import { clientAddress } from "./client_address.ts";

const addressOf = (value: string) =>
  clientAddress(new Headers({ "x-forwarded-for": value }), "x-forwarded-for");

Deno.test("clientAddress() is what the nearest proxy wrote, not what was sent to it", () => {
  assert.equal(addressOf("192.0.2.7"), "192.0.2.7");
  assert.equal(addressOf("made up, 10.0.0.1 , 192.0.2.7"), "192.0.2.7");
});

Deno.test("clientAddress() is the network of an IPv6 address, however it is written", () => {
  for (
    const address of [
      "2001:db8::1",
      "2001:DB8::ffff:1",
      "2001:db8:0:0:1:2:3:4",
      "2001:0db8:0000:0000:0000:0000:0000:0001",
    ]
  ) {
    assert.equal(addressOf(address), "2001:db8:0:0", address);
  }
  assert.equal(addressOf("2001:db8:0:1::1"), "2001:db8:0:1");
  assert.equal(addressOf("::1"), "0:0:0:0");
  assert.equal(addressOf("::ffff:192.0.2.7"), "::ffff:192.0.2.7");
});

Deno.test("clientAddress() is of some length where there is none, or too much", () => {
  assert.equal(clientAddress(new Headers(), "x-forwarded-for"), "unknown");
  assert.equal(addressOf(","), "unknown");
  assert.equal(addressOf("a".repeat(5000)).length, 64);
});
