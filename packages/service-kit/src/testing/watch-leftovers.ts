import { createHook } from 'node:async_hooks'

/** What a service left behind in this process. */
export interface LeftoverWatch extends Disposable {
  /** Handles that keep the process alive, listeners of the process, and timers, the unreferenced among them by where they were set. */
  left(): string[]
}

/** Begins to watch. Made before what is watched starts; looked at after that was disposed of. */
export function watchLeftovers(): LeftoverWatch {
  const timers = new Map<number, string>()
  const hook = createHook({
    init(id, type) {
      if (type === 'Timeout' || type === 'Immediate') timers.set(id, placeOf(new Error().stack ?? ''))
    },
    destroy: (id) => void timers.delete(id),
  }).enable()
  const before = count(present())
  return {
    left() {
      const now = count(present())
      const more = [...now].filter(([name, times]) => times > (before.get(name) ?? 0)).map(([name]) => name)
      return [...more, ...[...timers.values()].filter(isOurs)]
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

/** Node's own, the test runner's, and the one watch of the event loop that all of a process share. */
const isOurs = (place: string) => place !== '' && !/vitest|watch-event-loop|testing\//.test(place)
