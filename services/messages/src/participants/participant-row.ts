import type { Participant, PublicUser } from '@finnigram/contracts'
import { deletedAccount } from '../people/deleted-account.ts'

/** The columns of `participants`, aliased `p` beside the person's profile `u`, that make a `Participant`. */
export const participantColumns = `p.user_id AS "userId", p.role, p.joined_at AS "joinedAt", p.last_read_seq AS "lastReadSeq",
  p.last_delivered_seq AS "lastDeliveredSeq", u.profile`

export interface ParticipantRow {
  userId: string
  role: Participant['role']
  joinedAt: Date
  lastReadSeq: number
  lastDeliveredSeq: number
  profile: PublicUser | null
}

/** Someone in a conversation, with their profile as last heard of. */
export const toParticipant = (row: ParticipantRow): Participant => ({
  userId: row.userId,
  role: row.role,
  joinedAt: row.joinedAt.toISOString(),
  lastReadSeq: row.lastReadSeq,
  lastDeliveredSeq: row.lastDeliveredSeq,
  user: row.profile ?? deletedAccount(row.userId, row.joinedAt.toISOString()),
})
