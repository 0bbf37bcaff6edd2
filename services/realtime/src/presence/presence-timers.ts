import { listen, type RedisLink } from '@finnigram/service-kit'
import { settleMs } from './presence-leases.ts'

interface Work {
  /** Whether what Redis knew has been lost. */
  tick: () => Promise<boolean>
  /** Looks how everyone stands who is watched. */
  review: () => void
  /** What was known counts no more. */
  forget: () => void
}

const tickMs = 2000
const reviewMs = 15_000
/** Redis may be away for so long before what it said of anyone counts no more. */
const trustMs = 4000

/** Does what presence needs now and then, and after an outage of Redis. */
export function startPresenceTimers(redis: RedisLink, { tick, review, forget }: Work): Disposable {
  let settled: NodeJS.Timeout | undefined
  let upAt = performance.now()
  const reviewOnceSettled = () => {
    clearTimeout(settled)
    settled = setTimeout(review, settleMs)
  }
  const listening = listen(redis.commands, { ready: reviewOnceSettled })
  const ticking = setInterval(() => {
    if (redis.isUp) upAt = performance.now()
    else if (performance.now() - upAt >= trustMs) forget()
    void tick().then((isForgotten) => isForgotten && reviewOnceSettled())
  }, tickMs)
  const reviewing = setInterval(review, reviewMs)
  return {
    [Symbol.dispose]() {
      listening[Symbol.dispose]()
      clearInterval(ticking)
      clearInterval(reviewing)
      clearTimeout(settled)
    },
  }
}
