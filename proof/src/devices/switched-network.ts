import type { NetworkSignals, NetworkSource } from '@finnigram/client'

/** Signals of a device, switched by hand. */
export interface SwitchedNetwork extends NetworkSource {
  set(signals: Partial<NetworkSignals>): void
}

export function switchedNetwork(): SwitchedNetwork {
  let current: NetworkSignals = { online: true, foreground: true }
  const listeners = new Set<() => void>()
  return {
    current: () => current,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(signals) {
      current = { ...current, ...signals }
      for (const listener of listeners) listener()
    },
  }
}
