/**
 * The latest version at which anyone here joined each conversation. Facts below it, which a stream that lags may still
 * bring, are not for everyone in the room. Once a fact at or above it has passed, the floor is gone.
 */
export interface JoinFloors {
  raise(conversationId: string, version: number): void
  /** Whether a fact of this version must be checked for each socket. */
  holdsBack(conversationId: string, version: number): boolean
  drop(conversationId: string): void
}

export function createJoinFloors(): JoinFloors {
  const floors = new Map<string, number>()
  return {
    raise(conversationId, version) {
      if (version > (floors.get(conversationId) ?? 0)) floors.set(conversationId, version)
    },
    holdsBack(conversationId, version) {
      const floor = floors.get(conversationId)
      if (floor === undefined) return false
      if (version < floor) return true
      floors.delete(conversationId)
      return false
    },
    drop(conversationId) {
      floors.delete(conversationId)
    },
  }
}
