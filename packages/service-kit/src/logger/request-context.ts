import { AsyncLocalStorage } from 'node:async_hooks'

interface RequestContext {
  requestId: string
}

const storage = new AsyncLocalStorage<RequestContext>()

/** Runs `work` so that log lines and outbox entries inside carry the request id. */
export function withRequestId<T>(requestId: string, work: () => T): T {
  return storage.run({ requestId }, work)
}

/** The id of the request that is being served, if any. */
export function currentRequestId(): string | undefined {
  return storage.getStore()?.requestId
}
