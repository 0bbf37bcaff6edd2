import type { Conversation, Message, PublicUser, ServerEventData } from '@finnigram/contracts'
import type { PendingMessage } from './messages/outbox-entry.ts'

/** A conversation as a screen shows it. The same object until something in it changes. */
export interface ConversationView extends Conversation {
  /** The unsent text, from here or another of my devices; empty when there is none. */
  draft: string
  /** Texts typed on this device that a newer draft of another device superseded, oldest first. */
  supersededDrafts: readonly string[]
  /** Messages that wait on this device, failed ones included. */
  pendingCount: number
  /** Those among them that the server refused: they go out again only when somebody says so. */
  failedCount: number
  /** The group's title, or the other person's name. */
  displayTitle: string
  /** The other person of a direct conversation (oneself in notes to self). */
  peer?: PublicUser
  /** Who is writing right now. */
  typing: string[]
}

/**
 * A message of the server, or one that waits on this device (then `localState` is set and `seq` is
 * null).
 */
export type MessageView = (Message & { localState?: undefined }) | PendingMessage

export interface MessagesSnapshot {
  /** From old to new, without a hole. */
  items: readonly MessageView[]
  /** Changes when these messages do not continue those shown before: the list begins anew. */
  run: number
  /** There are older messages: on this device, or else on the server. */
  hasBefore: boolean
  /** There are newer messages than these; then waiting messages are not shown either. */
  hasAfter: boolean
  /** Older or newer messages are on their way. */
  loadingBefore: boolean
  /** Up to this seq nothing is unread: I read it, or it does not count. */
  readThrough: number
  /**
   * Where the "new messages" line goes: the first unread one when the list was opened. Null when
   * there was none.
   */
  firstUnreadSeq: number | null
}

/**
 * `offline`: no network, or the server does not answer. `updating`: catching up. `delayed`: the
 * server is reached, but its event bus is unavailable, so that messages arrive late.
 */
export type ConnectionState = 'offline' | 'connecting' | 'updating' | 'delayed' | 'online'

export type PresenceStatus = ServerEventData['presence']['status'] | 'unknown'
export interface PresenceView {
  status: PresenceStatus
  lastSeenAt: string | null
}

/** An invitation: what I may see of the group. */
export interface InvitationView {
  id: string
  title: string
  avatarUrl: string | null
  participantCount: number
  invitedBy: string
  /** Undefined while the profile is unknown. */
  inviter?: PublicUser
}
