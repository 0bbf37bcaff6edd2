import type { MembershipChange } from '../connection.ts'

export interface Membership {
  readonly id: string
  readonly joinedVersion: number
}

/**
 * The conversations someone is in, from what the messages service answered and what arrived on the stream meanwhile.
 * Either may be the newer: a version decides, and replaying in order ends at the truth.
 */
export function settleMemberships(
  answered: readonly Membership[],
  changes: readonly MembershipChange[],
): Map<string, number> {
  const joined = new Map(answered.map(({ id, joinedVersion }) => [id, joinedVersion]))
  for (const { conversationId, version, isMember } of changes) {
    const known = joined.get(conversationId)
    if (isMember) {
      if (known === undefined || version > known) joined.set(conversationId, version)
    } else if (known !== undefined && version > known) joined.delete(conversationId)
  }
  return joined
}
