/** Knows, of the conversations that were lively last, which version this node emitted. */
export interface EmittedVersions {
  /** Takes note of a version; false when it was emitted before. */
  advance(conversationId: string, version: number): boolean
}

/** What a relay publishes twice, it publishes twice within moments: few conversations need remembering. */
const remembered = 20_000

export function createEmittedVersions(atMost = remembered): EmittedVersions {
  const last = new Map<string, number>()
  return {
    advance(conversationId, version) {
      const known = last.get(conversationId)
      if (known !== undefined) {
        if (version <= known) return false
        last.delete(conversationId)
      }
      last.set(conversationId, version)
      if (last.size > atMost) {
        const oldest = last.keys().next().value
        if (oldest !== undefined) last.delete(oldest)
      }
      return true
    },
  }
}
