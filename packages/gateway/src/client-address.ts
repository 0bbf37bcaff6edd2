import type { IncomingMessage } from 'node:http'

/** Who asks: what a proxy before us that we trust saw last, otherwise the other end of the connection. */
export function clientAddress({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? lastOf(headers['x-forwarded-for']) : undefined
  return forwarded ?? socket.remoteAddress ?? ''
}

const lastOf = (list: string | string[] | undefined) =>
  String(list ?? '')
    .split(',')
    .at(-1)
    ?.trim() || undefined
