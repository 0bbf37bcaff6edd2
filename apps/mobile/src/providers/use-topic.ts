import { useCallback, useSyncExternalStore } from 'react'

type Topic = { subscribe: (listener: () => void) => () => void }

/** What `read` says of a part of the client, and again whenever that part says it changed. `read` must answer with the same value until then. */
export function useTopic<T extends Topic, Value>(topic: T, read: (topic: T) => Value): Value {
  const subscribe = useCallback((listener: () => void) => topic.subscribe(listener), [topic])
  return useSyncExternalStore(subscribe, () => read(topic))
}
