import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A port of the loopback interface that nobody listened on a moment ago. It lies below the range
 * from which systems take the local ports of outgoing connections, and below the range in which the
 * stack looks for its own.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 20_000)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
