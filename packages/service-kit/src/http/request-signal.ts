import type { ServerResponse } from 'node:http'

const endings = new WeakMap<ServerResponse, (() => void)[]>()

/**
 * Calls `work` once a response has closed: sent, refused, or the client left; at once where it has.
 * All calls share one listener: a file brings six more, and Node warns of a leak beyond ten.
 */
export function onResponseClosed(response: ServerResponse, work: () => void): void {
  if (response.destroyed || response.closed) {
    work()
    return
  }
  const known = endings.get(response)
  if (known) {
    known.push(work)
    return
  }
  const all = [work]
  endings.set(response, all)
  response.once('close', () => {
    for (const one of all) one()
  })
}

const controllers = new WeakMap<ServerResponse, AbortController>()

/** A signal that aborts when the request ends without an answer; created on first use. */
export function requestSignal(response: ServerResponse): AbortSignal {
  const known = controllers.get(response)
  if (known) return known.signal
  const controller = new AbortController()
  controllers.set(response, controller)
  if (response.destroyed || response.writableEnded) controller.abort()
  onResponseClosed(response, () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}

const timers = new WeakMap<ServerResponse, NodeJS.Timeout>()

/**
 * Calls `onTimeUp` after `ms` milliseconds, unless answered by then or `withoutTimeLimit` was
 * called.
 */
export function limitTime(response: ServerResponse, ms: number, onTimeUp: () => void): void {
  const timer = setTimeout(onTimeUp, ms)
  timers.set(response, timer)
  onResponseClosed(response, () => clearTimeout(timer))
}

/** Lifts the deadline of a request: for files, which take as long as their bytes keep coming. */
export function withoutTimeLimit(response: ServerResponse): void {
  clearTimeout(timers.get(response))
}

/** Aborts the signal of a request, if anyone holds it. */
export function abortRequest(response: ServerResponse): void {
  controllers.get(response)?.abort()
}
