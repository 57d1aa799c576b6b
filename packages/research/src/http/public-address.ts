import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** Whether an IP address belongs to the public network: not this machine, not its neighbours, nothing reserved. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` turns an IPv4 address that is written as IPv6 back, so that it is judged as what it is.
  return ipaddr.process(address).range() === "unicast";
}

export class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";
}

/**
 * The system's name resolution, for connections that may go to the public network only. A name is judged where its
 * address is used, so that a second look-up cannot have another answer.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "", 4);
    const private_ = addresses.find(({ address }) => !isPublicAddress(address));
    const first = addresses[0];
    if (private_ !== undefined || first === undefined) {
      const told = `${hostname} leads to ${private_?.address ?? "no address"}`;
      return callback(new PrivateAddressError(told), "", 4);
    }
    if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
