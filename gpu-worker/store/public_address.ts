import { BlockList, isIP } from "node:net";

/** IPv4 that is no one's public host: RFC 6890 and its registry, multicast, and where clouds keep their machines' secrets. */
const NOT_PUBLIC_IPV4 = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // behind a carrier's NAT; 100.100.100.200 is a cloud's metadata
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // a cloud's host, on an address that is public elsewhere
  "169.254.0.0/16", // link-local; 169.254.169.254 is most clouds' metadata
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments; 192.0.0.192 is a cloud's metadata
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // relays of 6to4
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
];

/** IPv6 within the global unicast space that is none: ::1, fc00::/7, fe80::/10, ::ffff:0:0/96, 64:ff9b::/96 and ff00::/8 lie outside it. */
const NOT_PUBLIC_IPV6 = [
  "2001::/23", // protocol assignments, with Teredo, which holds an IPv4 address
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4, which holds an IPv4 address
  "3fff::/20", // documentation
];

const notPublic = listOf([...NOT_PUBLIC_IPV4, ...NOT_PUBLIC_IPV6]);
const globalUnicast = listOf(["2000::/3"]);

/**
 * Whether an IP address is one of a public host, and of nothing that only machines of this network can reach.
 *
 * An IPv6 address that stands for an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo) is none, nor is one with a zone.
 *
 * @param address IPv4 in dotted form, or IPv6 without brackets; whatever else it is, it is none.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address, "ipv4");
    case 6:
      return !address.includes("%") && globalUnicast.check(address, "ipv6") &&
        !notPublic.check(address, "ipv6");
    default:
      return false;
  }
}

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [start, bits] = subnet.split("/") as [string, string];
    const family = start.includes(":") ? "ipv6" : "ipv4";
    list.addSubnet(start, Number(bits), family);
  }
  return list;
}
