/** The version that this node emitted last, of recently active conversations. */
export interface EmittedVersions {
  /** Records a version. It is the next one as far as is known, a repetition, or follows a gap. */
  advance(conversationId: string, version: number): 'next' | 'repeated' | 'gap'
  /** No socket is in the room: versions that pass meanwhile are no gap. */
  forget(conversationId: string): void
}

/** A relay repeats events within moments, so few conversations need remembering. */
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
