import type { StoragePart, StorageState } from './client.ts'
import type { Store } from './replica/store.ts'
import { createTopic } from './topic.ts'

/** What this device keeps, as far as it has shown; it never gets better while the client lives. */
export function createStoragePart(store: Store): StoragePart & {
  refused(what: keyof StorageState): void
  /** Asks the store before anybody has signed in. */
  probe(): Promise<void>
} {
  const topic = createTopic()
  let state: StorageState = { session: true, messages: true }
  const refused = (what: keyof StorageState) => {
    if (!state[what]) return
    state = { ...state, [what]: false }
    topic.publish()
  }
  return {
    get state() {
      return state
    },
    subscribe: topic.subscribe,
    refused,
    async probe() {
      if ((await store.isDurable?.()) === false) refused('messages')
    },
  }
}
