import { Worker } from 'node:worker_threads'
import type { EncryptedRequest, EncryptionOrder, EncryptionResult } from './encryption-worker.ts'

/**
 * Encrypts notifications for browsers (RFC 8291) in a worker thread, so that no socket waits for
 * it.
 *
 * Promises: every call settles. It resolves with the request, or `undefined` for a subscription
 * whose keys are not usable. It rejects when too many wait, and when the thread dies or hangs while
 * it works on that very order: the caller then tries the notification again later, as after any
 * other failure.
 *
 * Procedure: the thread starts with the first order. It is given a few orders at a time; the others
 * wait here, so that they outlive it. A thread that dies is replaced as soon as there is an order
 * for the next one, after a short rest.
 *
 * Never: keeps the process alive, or writes a text anywhere.
 *
 * Called by the Web Push sender. Decision record 0042 has the measurements.
 */
export interface PushEncryption extends Disposable {
  encrypt(order: Omit<EncryptionOrder, 'id'>): Promise<EncryptedRequest | undefined>
}

/** Orders that wait for the thread; the dispatcher has fewer notifications in flight than that. */
const mostWaiting = 1000
/** Orders that the thread has at once: enough to keep it busy, few to try again if it dies. */
const mostInThread = 16
/** The longest that the thread may be silent over an order, in milliseconds. */
const longestMs = 5000
/** A thread that cannot even start is not started again at once, in milliseconds. */
const restartRestMs = 250
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 }

interface Pending {
  readonly order: EncryptionOrder
  readonly result: PromiseWithResolvers<EncryptedRequest | undefined>
}

export interface EncryptionOptions {
  /** The module that the thread runs. */
  source?: URL
  /** How long it may be silent over an order, in milliseconds. */
  silentMs?: number
}

export function createPushEncryption(options: EncryptionOptions = {}): PushEncryption {
  const { source = new URL('./encryption-worker.ts', import.meta.url), silentMs = longestMs } = options
  const thread = createThread({ source, silentMs, onRoom: () => fill() })
  const waiting: Pending[] = []
  let lastId = 0
  const fill = () => {
    while (waiting.length > 0 && thread.hasRoom()) thread.post(waiting.shift() as Pending)
  }
  return {
    encrypt(order) {
      if (waiting.length >= mostWaiting) return Promise.reject(new Error('Too much waits to be encrypted'))
      lastId += 1
      const result = Promise.withResolvers<EncryptedRequest | undefined>()
      waiting.push({ order: { ...order, id: lastId }, result })
      fill()
      return result.promise
    },
    [Symbol.dispose]() {
      for (const { result } of waiting.splice(0)) result.reject(new Error('The node stops'))
      thread.end()
    },
  }
}

interface ThreadOptions {
  source: URL
  silentMs: number
  /** Called when the thread can take more. */
  onRoom: () => void
}

/** A thread that is started at its first order, and again after its death. */
function createThread({ source, silentMs, onRoom }: ThreadOptions) {
  const inThread = new Map<number, Pending>()
  let worker: Worker | undefined
  let isResting = false
  let hasEnded = false
  let overdue: NodeJS.Timeout | undefined

  const watch = () => {
    clearTimeout(overdue)
    if (inThread.size > 0) overdue = setTimeout(() => void worker?.terminate(), silentMs).unref()
  }
  const settle = ({ id, request }: EncryptionResult) => {
    inThread.get(id)?.result.resolve(request)
    inThread.delete(id)
    watch()
    onRoom()
  }
  const onDeath = (cause: unknown) => {
    worker = undefined
    const error = new Error('The thread that encrypts has died', { cause })
    for (const { result } of inThread.values()) result.reject(error)
    inThread.clear()
    clearTimeout(overdue)
    if (hasEnded) return
    isResting = true
    setTimeout(() => {
      isResting = false
      onRoom()
    }, restartRestMs)
  }
  return {
    hasRoom: () => !isResting && !hasEnded && inThread.size < mostInThread,
    post(pending: Pending) {
      worker ??= startWorker(source, settle, onDeath)
      inThread.set(pending.order.id, pending)
      if (inThread.size === 1) watch()
      worker.postMessage(pending.order)
    },
    end() {
      hasEnded = true
      void worker?.terminate()
    },
  }
}

function startWorker(
  source: URL,
  onResult: (result: EncryptionResult) => void,
  onDeath: (cause: unknown) => void,
): Worker {
  const worker = new Worker(source, { resourceLimits })
  let cause: unknown
  worker.on('message', onResult)
  worker.on('error', (error) => {
    cause = error
  })
  worker.once('exit', () => onDeath(cause))
  worker.unref()
  return worker
}
