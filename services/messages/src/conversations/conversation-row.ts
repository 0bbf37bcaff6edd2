import type { Conversation } from '@finnigram/contracts'

/** The columns of `conversations`, aliased `c`, that all participants see alike. */
export const conversationColumns = `c.id, c.kind, c.title, c.description, c.avatar_url AS "avatarUrl", c.shares_history AS "sharesHistory", c.created_by AS "createdBy",
  c.created_at AS "createdAt", c.last_seq AS "lastSeq", c.version, c.participant_count AS "participantCount"`

export interface ConversationRow {
  id: string
  kind: Conversation['kind']
  title: string | null
  description: string | null
  avatarUrl: string | null
  sharesHistory: boolean
  createdBy: string
  createdAt: Date
  lastSeq: number
  version: number
  participantCount: number
}

/** The unique key of a direct conversation; the order of the two does not matter. */
export const pairKeyOf = (one: string, other: string): string => [one, other].sort().join(':')
