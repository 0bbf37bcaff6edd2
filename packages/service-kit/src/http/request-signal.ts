import type { ServerResponse } from 'node:http'

const controllers = new WeakMap<ServerResponse, AbortController>()

/** A signal that aborts when this request is over before it was answered; made only when a handler asks for it. */
export function requestSignal(response: ServerResponse): AbortSignal {
  const known = controllers.get(response)
  if (known) return known.signal
  const controller = new AbortController()
  controllers.set(response, controller)
  if (response.destroyed || response.writableEnded) controller.abort()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  return controller.signal
}

/** Aborts the signal of a request, if anyone holds it. */
export function abortRequest(response: ServerResponse): void {
  controllers.get(response)?.abort()
}
