import { Resolver } from 'node:dns/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { type Agent, request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isPublicHost } from '@finnigram/service-kit'

/** An endpoint chosen by a client resolves to a private address. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError'
}

/**
 * A `lookup` against server-side request forgery (SSRF): it returns public addresses only, and the
 * connection uses that very answer. It queries name servers itself, because slow ones would block
 * the thread pool for all other lookups.
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

/** Most bytes read of a response: only its head matters. */
const readAtMost = 16_384

/**
 * Posts to an address that a client chose. Follows no redirect, reads little of the response, and
 * takes `timeoutMs` at most. Rejects without a response in time.
 */
export function post(
  endpoint: URL,
  {
    headers,
    body,
    agent,
    timeoutMs,
  }: { headers: Record<string, string | number>; body: Buffer; agent: Agent; timeoutMs: number },
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const sending = request(endpoint, { method: 'POST', headers, agent }, (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
      let read = 0
      response.on('error', () => {})
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read > readAtMost) sending.destroy()
      })
    })
    // Also ends an endless response.
    const timer = setTimeout(() => sending.destroy(new Error('No answer in time')), timeoutMs)
    sending.once('close', () => clearTimeout(timer))
    sending.once('error', reject)
    sending.end(body)
  })
}
