import { BlockList, isIP } from 'node:net'

/**
 * Networks of IPv4 that are not the public internet (IANA's special-purpose registry), as
 * `address/bits`.
 */
const notPublic =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4'
/**
 * The global unicast range of IPv6; parts of it wrap an IPv4 address (Teredo, 6to4) or are for
 * docs.
 */
const globalSixes = '2000::/3'
const notPublicSixes = '2001::/23 2001:db8::/32 2002::/16 3fff::/20'

const closed = listOf(notPublic, 'ipv4')
const open = listOf(globalSixes, 'ipv6')
const closedSixes = listOf(notPublicSixes, 'ipv6')

/** Names that mean something only inside a network or this machine. */
const insideName =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|arpa|test|invalid|onion)\.?$/

/**
 * Whether a host, as the URL parser writes it, may be on the public internet. Does not resolve
 * names.
 */
export function isPublicHost(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(address)
  if (version === 4) return !closed.check(address, 'ipv4')
  if (version === 6) return open.check(address, 'ipv6') && !closedSixes.check(address, 'ipv6')
  return /[^.]\.[^.]/.test(address) && !insideName.test(address)
}

function listOf(networks: string, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const network of networks.split(' ')) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}
