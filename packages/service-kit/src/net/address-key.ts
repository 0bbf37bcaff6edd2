import ipaddr from 'ipaddr.js'

/** Bits of an IPv6 address that name a subscriber: what lies behind is theirs to choose from. */
const subscriberBits = 64

/** The name under which an address is counted: an IPv4 address itself (mapped into IPv6 or not), of an IPv6 address its /64. What is no address is its own name. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  const network = parsed.toByteArray().fill(0, subscriberBits / 8)
  return `${ipaddr.fromByteArray(network).toString()}/${subscriberBits}`
}
