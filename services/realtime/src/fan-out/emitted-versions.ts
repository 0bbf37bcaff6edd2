/** Knows, of the conversations that were lively last, which version this node emitted. */
export interface EmittedVersions {
  /** Takes note of a version: whether it comes next, as far as is known, was emitted before, or comes after others that never came. */
  advance(conversationId: string, version: number): 'next' | 'repeated' | 'gap'
  /** Nobody here hears this conversation: what comes meanwhile is no gap. */
  forget(conversationId: string): void
}

/** What a relay publishes twice, it publishes twice within moments: few conversations need remembering. */
const remembered = 20_000

export function createEmittedVersions(atMost = remembered): EmittedVersions {
  const last = new Map<string, number>()
  return {
    advance(conversationId, version) {
      const known = last.get(conversationId)
      if (known !== undefined) {
        if (version <= known) return 'repeated'
        last.delete(conversationId)
      }
      last.set(conversationId, version)
      if (last.size > atMost) {
        const oldest = last.keys().next().value
        if (oldest !== undefined) last.delete(oldest)
      }
      return known === undefined || version === known + 1 ? 'next' : 'gap'
    },
    forget: (conversationId) => void last.delete(conversationId),
  }
}
