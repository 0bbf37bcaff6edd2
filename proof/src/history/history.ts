import type { Conversation, Message } from '@finnigram/contracts'

/** Milliseconds since the run began. */
export type Moment = number

/** From when to when; `to` is null while it lasts. */
export interface Span {
  from: Moment
  to: Moment | null
}

/** All that the checker judges; plain data, so that a run can be kept and judged again. */
export interface RunHistory {
  people: Person[]
  devices: DeviceHistory[]
  conversations: StoredConversation[]
  answers: Answer[]
  /** By number. */
  texts: WrittenText[]
  changes: Change[]
  pushes: PushHistory | null
  /** When something was wrong with the servers or the ways to them. */
  faults: Span[]
  /** When the workload and the faults were over and all was healed. */
  healedAt: Moment
  /**
   * Whether nodes of two versions answered: what only one of them tells is then compared with
   * nothing.
   */
  isMixed?: boolean
}

export interface Person {
  id: string
  name: string
}

/** A text that somebody wrote. It carries its number, by which it is found wherever it turns up. */
export interface WrittenText {
  number: number
  /** The message it was written into, by sending or by editing. */
  messageId: string
  userId: string
  by: 'send' | 'edit'
}

/** A message that a device wanted to be sent. */
export interface Send {
  id: string
  conversationId: string
  /** `queue`: the client's outbox. `call`: a REST call of its own. `batch`: many in one call. */
  via: 'queue' | 'call' | 'batch'
  /** When the device had kept it. */
  enqueuedAt: Moment
  acknowledgedAt: Moment | null
  /** As the acknowledgement told it. */
  seq: number | null
  refused: boolean
  /** The message whose words it carries, forwarded or quoted. */
  carries: string | null
}

/** An attempt to set something that the last one decides: a text, a reaction, a pin. */
export interface Change {
  kind: 'edit' | 'delete' | 'reaction' | 'pin'
  conversationId: string
  /** The message; of a reaction `message person emoji`. */
  subject: string
  /** What it is to be then: a text's number, `deleted`, `on` or `off`. */
  value: string
  userId: string
  startedAt: Moment
  /** Null: no answer ever came, and it may have been done or not. */
  acknowledgedAt: Moment | null
  refused: boolean
  /** Asked more than once: an early try may take effect late. */
  retried: boolean
}

/** What one device was told and what it shows in the end. */
export interface DeviceHistory {
  name: string
  userId: string
  pushId: string | null
  /** In the order in which they were kept. */
  sends: Send[]
  /** Message id and when it came to the device as news; what is read from history later is none. */
  arrivals: [string, Moment][]
  /**
   * By conversation, up to which seq the server took it that this device has everything, and when.
   */
  told: { conversationId: string; steps: [number, Moment][] }[]
  /**
   * By conversation and person, `read, delivered` as they were seen, one pair after the other; a
   * new row begins where the person was gone.
   */
  markers: { conversationId: string; userId: string; rows: number[][] }[]
  /** Numbers of the texts that came in over any connection, and when first. */
  heard: [number, Moment][]
  /** When it was switched off, without network, or killed. */
  away: Span[]
  /** What was wrong in a list of messages while it was on screen. */
  glitches: { at: Moment; conversationId: string; what: string }[]
  errors: string[]
  view: DeviceView
}

export interface DeviceView {
  /** In the order shown. */
  list: string[]
  conversations: Conversation[]
  /** All messages as the chat shows them, and those that the device keeps. */
  messages: { conversationId: string; shown: Message[]; kept: Message[]; waiting: number }[]
}

/** What the API answers one person in the end. */
export interface Answer {
  userId: string
  list: string[]
  conversations: Conversation[]
  histories: { conversationId: string; messages: Message[] }[]
  pins: { conversationId: string; messageIds: string[] }[]
}

/** The rows of one conversation. */
export interface StoredConversation {
  id: string
  lastSeq: number
  version: number
  participantCount: number
  sharesHistory: boolean
  messages: StoredMessage[]
  events: StoredEvent[]
  participants: StoredParticipant[]
  pinnedIds: string[]
}

export interface StoredMessage {
  id: string
  seq: number
  version: number
  senderId: string
  kind: string
  text: string | null
  reactions: Message['reactions']
  forwardOf: string | null
  replyToId: string | null
  createdAt: Moment
  isEdited: boolean
  isDeleted: boolean
}

export interface StoredEvent {
  version: number
  type: string
  /** Of `message.created`. */
  messageId: string | null
  /** Who came in or went, by this event. */
  userIds: string[]
}

export interface StoredParticipant {
  userId: string
  joinedSeq: number
  hasLeft: boolean
  lastReadSeq: number
  lastDeliveredSeq: number
  /** Counted anew from the rows. */
  unread: number
  mentions: number
  /** `read, delivered` as they were seen in samples, like those of devices. */
  samples: number[][]
  notify: string
  mutedUntil: Moment | null
}

export interface PushHistory {
  /** How long a device has to acknowledge before it is notified, in milliseconds. */
  delayMs: number
  sent: SentPush[]
}

export interface SentPush {
  pushId: string
  at: Moment
  type: string
  conversationId: string | null
  seq: number | null
  /** Texts it showed. */
  texts: number[]
}
