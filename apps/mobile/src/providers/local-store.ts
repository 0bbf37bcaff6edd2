import { createMemoryStore, type Store } from '@finnigram/client'

/** @NOTE Phones keep messages in memory only: after a restart they are fetched again, and what was queued is lost. */
export const createLocalStore = (): Store => createMemoryStore()
