import type { Participant, PublicUser } from '@finnigram/contracts'
import { deletedAccount } from '../people/deleted-account.ts'

/** The columns of `participants`, aliased `p` beside the person's profile `u`, that make a `Participant`. */
export const participantColumns = `p.user_id AS "userId", p.role, p.joined_at AS "joinedAt", p.last_read_seq AS "lastReadSeq",
  p.last_delivered_seq AS "lastDeliveredSeq", p.shown_read_seq AS "shownReadSeq", p.shown_delivered_seq AS "shownDeliveredSeq",
  u.profile, u.hides_reads AS "hidesReads"`

export interface ParticipantRow {
  userId: string
  role: Participant['role']
  joinedAt: Date
  lastReadSeq: number
  lastDeliveredSeq: number
  /** What others see instead, where one of two blocked the other. */
  shownReadSeq: number | null
  shownDeliveredSeq: number | null
  /** Both null while the copy of the profiles has not heard of this person. */
  profile: PublicUser | null
  hidesReads: boolean | null
}

/** Someone in a conversation as `viewerId` sees them, with their profile as last heard of: how far they have read may be for themselves only. */
export const toParticipant = (row: ParticipantRow, viewerId?: string): Participant => ({
  userId: row.userId,
  role: row.role,
  joinedAt: row.joinedAt.toISOString(),
  ...(row.userId === viewerId ? ownMarkers(row) : markersForOthers(row)),
  user: row.profile ?? deletedAccount(row.userId, row.joinedAt.toISOString()),
})

const ownMarkers = ({ lastReadSeq, lastDeliveredSeq }: ParticipantRow) => ({ lastReadSeq, lastDeliveredSeq })

const markersForOthers = (row: ParticipantRow) => ({
  lastReadSeq: row.hidesReads ? 0 : (row.shownReadSeq ?? row.lastReadSeq),
  lastDeliveredSeq: row.shownDeliveredSeq ?? row.lastDeliveredSeq,
})
