import type { NetworkSource } from './network-source.ts'

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
