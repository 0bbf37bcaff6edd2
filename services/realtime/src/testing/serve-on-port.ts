import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './make-certificate.ts'

/** A server of the loopback interface that can be stopped and started again on its port. */
export interface PortServer extends AsyncDisposable {
  readonly port: number
  /** Gone, as after a kill: open connections break. */
  stop(): Promise<void>
  /** Back on the same port. */
  start(): Promise<void>
}

/** Serves HTTP, or HTTPS with a certificate, on `port` (0 takes a free one). */
export async function serveOnPort(
  listener: RequestListener,
  { port: wanted = 0, certificate }: { port?: number; certificate?: Certificate } = {},
): Promise<PortServer> {
  const create = () => (certificate ? createHttps(certificate, listener) : createHttp(listener))
  let server = await listen(create(), wanted)
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    if (!server.listening) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }
  return {
    port,
    stop,
    async start() {
      server = await listen(create(), port)
    },
    [Symbol.asyncDispose]: stop,
  }
}

function listen(server: Server, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}
