import type { TokenSource } from '../api/token-source.ts'
import { requestOver } from './request-over.ts'
import type { Link } from './socket-link.ts'

export interface KeepAuthorisedOptions {
  token: string
  tokens: TokenSource
  timeoutMs: number
}

/** Before the end of a token, its successor is there by then. */
const aheadMs = 45_000
/** Timers of a device that slept, and servers that say nothing sensible, make no loop. */
const leastMs = 1_000

/**
 * Tells the server each fresh access token before the one it knows ends, so that a socket need not be replaced every
 * quarter of an hour. Where that fails nothing is done: the server closes the socket, and the next one begins anew.
 */
export function keepAuthorised(link: Link, { token, tokens, timeoutMs }: KeepAuthorisedOptions): void {
  let known = token
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (endsInMs: number) => {
    timer = setTimeout(() => void renew().catch(() => undefined), Math.max(leastMs, endsInMs - aheadMs))
  }
  const renew = async () => {
    const current = await tokens.current()
    const fresh = current === known ? await tokens.renew(known) : current
    if (fresh === null || !link.socket.connected) return
    known = fresh
    const data = { token: fresh }
    const { tokenEndsInMs } = await requestOver(link, { event: 'authorise', data }, { timeoutMs })
    wait(tokenEndsInMs)
  }
  if (link.tokenEndsInMs !== null) wait(link.tokenEndsInMs)
  void link.ended.then(() => clearTimeout(timer))
}
