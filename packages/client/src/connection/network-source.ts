import type { Unsubscribe } from '../topic.ts'

export interface NetworkSignals {
  /** The device believes it has a network. */
  online: boolean
  /** The app is on screen. */
  foreground: boolean
}

/** What the device says of its network and of the app being on screen. */
export interface NetworkSource {
  current(): NetworkSignals
  /** Told after every change. */
  subscribe(listener: () => void): Unsubscribe
}

/** A device that is always online and in front: servers, bots. */
export const alwaysOnline: NetworkSource = {
  current: () => ({ online: true, foreground: true }),
  subscribe: () => () => undefined,
}
