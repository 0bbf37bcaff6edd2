import type { Redis } from 'ioredis'

/** Waits until a connection takes commands, at most `ms`, or less when `signal` aborts; whether it does. A connection that is ended between two attempts tells nobody. */
export function becomesReady(client: Redis, ms: number, signal?: AbortSignal): Promise<boolean> {
  if (client.status === 'ready' || client.status === 'end') return Promise.resolve(client.status === 'ready')
  return new Promise((resolve) => {
    const done = (isReady: boolean) => {
      clearTimeout(timer)
      client.off('ready', onReady)
      client.off('end', onEnd)
      signal?.removeEventListener('abort', onEnd)
      resolve(isReady)
    }
    const onReady = () => done(true)
    const onEnd = () => done(false)
    const timer = setTimeout(onEnd, ms)
    client.once('ready', onReady)
    client.once('end', onEnd)
    signal?.addEventListener('abort', onEnd)
    if (signal?.aborted) onEnd()
  })
}
