import { createServer } from 'node:http'
import type { GatewayFigures } from './metrics.ts'

/** Serves the gateway's metrics to this machine alone, at `http://127.0.0.1:<port>/metrics`. */
export async function serveFigures(port: number, figures: GatewayFigures): Promise<AsyncDisposable> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(await figures.text())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return {
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
