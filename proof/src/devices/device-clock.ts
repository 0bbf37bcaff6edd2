import { AsyncLocalStorage } from 'node:async_hooks'

/** A device's own idea of what time it is. */
export interface DeviceClock {
  skewMs: number
  /**
   * Everything that `work` does, and whatever follows from it later, takes its time from this
   * clock.
   */
  run<T>(work: () => T): T
}

const current = new AsyncLocalStorage<DeviceClock>()
const TrueDate = globalThis.Date
const now = () => TrueDate.now() + (current.getStore()?.skewMs ?? 0)

/**
 * Gives every device of this process a clock of its own. The client takes its time from `Date`, as
 * every app does, so `Date` is what is wrong on a device whose clock is; timers and sockets carry
 * the device they belong to along.
 */
export function installDeviceClocks(): Disposable {
  globalThis.Date = new Proxy(TrueDate, {
    construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
  return {
    [Symbol.dispose]() {
      globalThis.Date = TrueDate
    },
  }
}

export function createDeviceClock(skewMs: number): DeviceClock {
  const clock: DeviceClock = { skewMs, run: (work) => current.run(clock, work) }
  return clock
}

/**
 * Makes one process many devices: each has its own clock, and they share no locks. Node has the Web
 * Locks of browsers, which are one for the whole process: a device would wait for a lock that
 * another one, even a dead one, holds.
 */
export function isolateDevices(): Disposable {
  const clocks = installDeviceClocks()
  Object.defineProperty(globalThis.navigator, 'locks', { value: undefined, configurable: true })
  return {
    [Symbol.dispose]() {
      clocks[Symbol.dispose]()
      Reflect.deleteProperty(globalThis.navigator, 'locks')
    },
  }
}
