import { promisify } from "node:util";
import { expect, it } from "vitest";
import { isPublicAddress, publicLookup } from "./public-address.ts";

it.each(["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

it.each([
  "0.0.0.0",
  "10.1.2.3",
  "127.0.0.1",
  "169.254.169.254",
  "172.16.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fe80::1",
  "fd00::1",
  "::ffff:127.0.0.1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "not an address",
])("%s is not", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it("a name that leads to this machine is not resolved for connections to the public network", async () => {
  const lookup = promisify(publicLookup);
  await expect(lookup("localhost", {})).rejects.toThrow(/localhost leads to (127|::1)/);
});
