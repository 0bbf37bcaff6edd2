import type { Participant } from '@finnigram/contracts'
import { type ProfileRow, profileColumns, toShownProfile, unknownPerson } from '../../people/shown-profile.ts'

/** One participant of one conversation. */
export interface ParticipantKey {
  conversationId: string
  userId: string
}

/**
 * SQL: the columns of `participants`, aliased `p` beside the profile `u`, that make a `Participant`
 * as `viewer` sees it. `viewer` is an SQL expression such as `$1`.
 */
export const participantColumns = (
  viewer: string,
): string => `p.user_id AS "userId", p.role, p.joined_at AS "joinedAt", p.last_read_seq AS "lastReadSeq",
  p.last_delivered_seq AS "lastDeliveredSeq", p.shown_read_seq AS "shownReadSeq", p.shown_delivered_seq AS "shownDeliveredSeq",
  ${profileColumns(viewer)}, u.hides_reads AS "hidesReads"`

export interface ParticipantRow extends Nullable<ProfileRow> {
  userId: string
  role: Participant['role']
  joinedAt: Date
  lastReadSeq: number
  lastDeliveredSeq: number
  /** Frozen receipts: what the other one sees while one of the two blocks the other. */
  shownReadSeq: number | null
  shownDeliveredSeq: number | null
  /** Null, like the profile, while the profile copy does not know this person. */
  hidesReads: boolean | null
}

type Nullable<T> = { [K in keyof T]: T[K] | null }

/** A participant as `viewerId` sees them. Read receipts may be visible to their owner only. */
export const toParticipant = (row: ParticipantRow, viewerId?: string): Participant => ({
  userId: row.userId,
  role: row.role,
  joinedAt: row.joinedAt.toISOString(),
  ...(row.userId === viewerId ? ownMarkers(row) : markersForOthers(row)),
  user: hasProfile(row) ? toShownProfile(row) : unknownPerson(row.userId, row.joinedAt.toISOString()),
})

const hasProfile = (row: ParticipantRow): row is ParticipantRow & ProfileRow => row.profile !== null

const ownMarkers = ({ lastReadSeq, lastDeliveredSeq }: ParticipantRow) => ({ lastReadSeq, lastDeliveredSeq })

const markersForOthers = (row: ParticipantRow) => ({
  lastReadSeq: row.hidesReads ? 0 : (row.shownReadSeq ?? row.lastReadSeq),
  lastDeliveredSeq: row.shownDeliveredSeq ?? row.lastDeliveredSeq,
})
