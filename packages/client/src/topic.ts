export type Unsubscribe = () => void

/** Something that changes; listeners are told that it did, never what, and read a snapshot. */
export interface Topic {
  subscribe(listener: () => void): Unsubscribe
  publish(): void
  readonly listeners: number
}

export function createTopic(): Topic {
  const listeners = new Map<symbol, () => void>()
  return {
    subscribe(listener) {
      const key = Symbol()
      listeners.set(key, listener)
      return () => {
        listeners.delete(key)
      }
    },
    publish() {
      for (const listener of [...listeners.values()]) listener()
    },
    get listeners() {
      return listeners.size
    },
  }
}
