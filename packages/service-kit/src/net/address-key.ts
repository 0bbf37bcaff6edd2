import ipaddr from 'ipaddr.js'

/** Bits of an IPv6 address that name a subscriber, who may choose the rest. */
const subscriberBits = 64

/**
 * The key under which an address is counted: an IPv4 address itself (mapped into IPv6 or not), the
 * /64 of an IPv6 address. Any other text is its own key.
 */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  const network = parsed.toByteArray().fill(0, subscriberBits / 8)
  return `${ipaddr.fromByteArray(network).toString()}/${subscriberBits}`
}
