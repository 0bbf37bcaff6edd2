import { createIndexedDbStore, type Store } from '@finnigram/client'

/** Conversations, messages and the outbox in this browser's IndexedDB. */
export const createLocalStore = (): Store => createIndexedDbStore('finnigram')
