import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dropRest } from './drop-rest.ts'
import { forward } from './forward.ts'
import { requestIdOf } from './request-id.ts'
import type { UpstreamPool } from './upstream-pool.ts'

export interface Balancer extends AsyncDisposable {
  url: string
}

/** A loopback address that stands for all nodes of one service, for the other services: internal paths and tokens pass. */
export async function startBalancer(pool: UpstreamPool): Promise<Balancer> {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    dropRest(request, response)
    forward({ request, response }, pool, {
      requestId: requestIdOf(request),
      trustProxy: false,
      isInternal: true,
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
