import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StartFailure } from '../../stack/src/start-failure.ts'

interface Address {
  port: number
  host: string
}

/** Begins to listen; the port it got. A `StartFailure` says what to do where that is not possible. */
export async function listen(server: Server, { port, host }: Address): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw explain(error, { port, host })
  }
  return (server.address() as AddressInfo).port
}

function explain(error: unknown, { port, host }: Address) {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') {
    return new StartFailure(
      `Port ${port} is taken by another program: stop it, or choose another port, for example \`PORT=${port + 1} npm start\`./`,
    )
  }
  if (code === 'EACCES') {
    return new StartFailure(
      `Port ${port} needs more rights: choose one above 1023, for example \`PORT=8080 npm start\`./`,
    )
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartFailure(
      `HOST ${host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all of them.`,
    )
  }
  return error
}
