import type { Participant, PublicUser } from '@finnigram/contracts'
import { deletedAccount } from '../people/deleted-account.ts'

/** The columns of `participants`, aliased `p` beside the person's profile `u`, that make a `Participant`. */
export const participantColumns = `p.user_id AS "userId", p.role, p.joined_at AS "joinedAt", p.last_read_seq AS "lastReadSeq",
  p.last_delivered_seq AS "lastDeliveredSeq", u.profile, u.hides_reads AS "hidesReads"`

export interface ParticipantRow {
  userId: string
  role: Participant['role']
  joinedAt: Date
  lastReadSeq: number
  lastDeliveredSeq: number
  /** Both null while the copy of the profiles has not heard of this person. */
  profile: PublicUser | null
  hidesReads: boolean | null
}

/** Someone in a conversation as `viewerId` sees them, with their profile as last heard of: how far they have read may be for themselves only. */
export const toParticipant = (row: ParticipantRow, viewerId?: string): Participant => ({
  userId: row.userId,
  role: row.role,
  joinedAt: row.joinedAt.toISOString(),
  lastReadSeq: row.hidesReads && row.userId !== viewerId ? 0 : row.lastReadSeq,
  lastDeliveredSeq: row.lastDeliveredSeq,
  user: row.profile ?? deletedAccount(row.userId, row.joinedAt.toISOString()),
})
