import type { Unsubscribe } from '../subscriptions.ts'

export interface NetworkSignals {
  /** The device believes it has a network. */
  online: boolean
  /** The app is on screen. */
  foreground: boolean
}

/** What the device reports: its network, and whether the app is on screen. */
export interface NetworkSource {
  current(): NetworkSignals
  /** Called after every change. */
  subscribe(listener: () => void): Unsubscribe
}

/** A device that is always online and on screen: servers, bots. */
export const alwaysOnline: NetworkSource = {
  current: () => ({ online: true, foreground: true }),
  subscribe: () => () => undefined,
}

/** The signals of a browser tab. */
export function createBrowserNetwork(): NetworkSource {
  return {
    current: () => ({ online: navigator.onLine, foreground: document.visibilityState === 'visible' }),
    subscribe(listener) {
      window.addEventListener('online', listener)
      window.addEventListener('offline', listener)
      document.addEventListener('visibilitychange', listener)
      return () => {
        window.removeEventListener('online', listener)
        window.removeEventListener('offline', listener)
        document.removeEventListener('visibilitychange', listener)
      }
    },
  }
}
