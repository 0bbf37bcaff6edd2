import { letClocksDiffer } from './device-clock.ts'

/**
 * Makes one process many devices: each has its own clock, and they share no locks. Node has the Web Locks of browsers,
 * which are one for the whole process: a device would wait for a lock that another one, even a dead one, holds.
 */
export function letDevicesDiffer(): Disposable {
  const clocks = letClocksDiffer()
  Object.defineProperty(globalThis.navigator, 'locks', { value: undefined, configurable: true })
  return {
    [Symbol.dispose]() {
      clocks[Symbol.dispose]()
      Reflect.deleteProperty(globalThis.navigator, 'locks')
    },
  }
}
