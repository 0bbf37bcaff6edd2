import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dropRest, forward } from './forward.ts'
import { requestIdOf } from './forwarded-headers.ts'
import type { UpstreamPool } from './upstream-pool.ts'

interface Balancer extends AsyncDisposable {
  url: string
}

/** Balances calls between services over the nodes of one: internal paths and tokens pass. */
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
