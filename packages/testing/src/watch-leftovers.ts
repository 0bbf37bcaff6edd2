import { createHook } from 'node:async_hooks'

/** What a service left behind in this process. */
export interface OpenHandleWatch extends Disposable {
  /**
   * Handles that keep the process alive, listeners of the process, and timers, the unreferenced
   * among them by where they were set.
   */
  left(): string[]
}

/** Begins to watch. Made before what is watched starts; looked at after that was disposed of. */
export function watchOpenHandles(): OpenHandleWatch {
  const timers = new Map<number, { place: string; isKept: () => boolean }>()
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (type !== 'Timeout' && type !== 'Immediate') return
      const isKept = () => 'hasRef' in resource && typeof resource.hasRef === 'function' && resource.hasRef()
      timers.set(id, { place: placeOf(new Error().stack ?? ''), isKept })
    },
    destroy: (id) => void timers.delete(id),
  }).enable()
  const before = count(present())
  return {
    left() {
      const now = count(present())
      const more = [...now].filter(([name, times]) => times > (before.get(name) ?? 0)).map(([name]) => name)
      const set = [...timers.values()].filter((timer) => isWatched(timer.place, timer.isKept))
      return [...more, ...set.map(({ place }) => place)]
    },
    [Symbol.dispose]: () => void hook.disable(),
  }
}

/** Timers that are watched apart would be counted twice. */
const present = (): string[] => [
  ...process.getActiveResourcesInfo().filter((name) => name !== 'Timeout' && name !== 'Immediate'),
  ...process.eventNames().flatMap((event) => {
    const name = `listener of ${String(event)}`
    return Array.from({ length: process.listenerCount(event) }, () => name)
  }),
]

const count = (names: readonly string[]) =>
  new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))

/** The first place outside Node. */
const placeOf = (stack: string): string =>
  stack
    .split('\n')
    .slice(2)
    .find((line) => line.includes('/') && !/node:|watch-leftovers/.test(line))
    ?.trim() ?? ''

/**
 * The test runner's, the one watch of the event loop that a process has, and one of the migration
 * engine, which ends within ten seconds.
 */
const others = /vitest|watch-event-loop|testing\/|schema-engine-wasm/

/** Not Node's own either, nor a library's that keeps nothing alive. */
function isWatched(place: string, isKept: () => boolean): boolean {
  if (place === '' || others.test(place)) return false
  return !place.includes('node_modules') || isKept()
}
