import { Resolver } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { isPublicHost } from '@finnigram/service-kit'

/** A push endpoint, which strangers choose, leads into a network that is not the public one. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError'
}

/**
 * A `lookup` for connections to hosts that strangers name: answers public addresses only, of the very question that the
 * connection is made by. Asks name servers by itself: slow ones would keep the threads busy that everything else resolves with.
 */
export function createPublicLookup(
  resolver: Resolver = new Resolver({ timeout: 2000, tries: 2 }),
): LookupFunction {
  return (hostname, { all, family }, callback) => {
    resolvePublic(resolver, hostname, family).then(
      (found) => {
        const [first] = found
        if (all) callback(null, found)
        else callback(null, first?.address ?? '', first?.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, [], 4),
    )
  }
}

async function resolvePublic(resolver: Resolver, hostname: string, family: unknown) {
  const asked = await Promise.allSettled([
    family === 6 ? [] : resolver.resolve4(hostname),
    family === 4 ? [] : resolver.resolve6(hostname),
  ])
  const found = asked.flatMap((answer, i) =>
    answer.status === 'fulfilled'
      ? answer.value.map((address) => ({ address, family: i === 0 ? 4 : 6 }))
      : [],
  )
  const failure = asked.find(({ status }) => status === 'rejected')
  if (found.length === 0 && failure?.status === 'rejected') throw failure.reason
  const usable = found.filter(({ address }) => isPublicHost(address))
  if (usable.length === 0) throw new PrivateAddressError('The host has no public address')
  return usable
}
