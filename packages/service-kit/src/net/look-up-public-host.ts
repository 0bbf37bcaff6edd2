import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isPublicHost } from './is-public-host.ts'

/** `code` of the error for a name that has no address of the public internet. */
export const notPublicCode = 'ENOTPUBLIC'

/**
 * The `lookup` of an agent of node:http or node:https whose hosts others choose: a name resolves to its addresses of the
 * public internet alone, those that are then connected to, so that a name which resolves differently each time gains
 * nothing. Node asks it for no literal address: such a host is for `isPublicHost` to refuse. Fails with `ENOTPUBLIC`.
 */
export const lookUpPublicHost: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, [])
    const addresses = found.filter(({ address }) => isPublicHost(address))
    const [first] = addresses
    if (!first) return callback(notPublic(hostname), [])
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

const notPublic = (hostname: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${hostname} has no address of the public internet`), { code: notPublicCode })
