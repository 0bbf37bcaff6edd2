import type { Conversation, Participant, PublicUser } from '@finnigram/contracts'
import type { ReadonlyMemory } from '../replica/memory.ts'
import type { ConversationView } from '../views.ts'

/** What a row of the list is composed of. */
interface Parts {
  conversation: Conversation
  draft: string
  supersededDrafts: readonly string[]
  pendingCount: number
  failedCount: number
  typing: readonly string[]
  peer: PublicUser | undefined
  /** The participants' profiles as known now, in their order. */
  users: readonly PublicUser[]
}

export interface ConversationViews {
  get(id: string): ConversationView | undefined
  /** Sorted: pinned first, then latest activity. The same array while nothing in it changed. */
  list(): readonly ConversationView[]
  changed(ids: Iterable<string>): void
  allChanged(): void
}

export interface ConversationViewsOptions {
  me: string
  memory: ReadonlyMemory
  typingIn: (id: string) => readonly string[]
  person: (userId: string) => PublicUser | undefined
}

const none: readonly string[] = []

/** Rows of the conversation list, each the same object until one of its parts changes. */
export function createConversationViews(options: ConversationViewsOptions): ConversationViews {
  const { memory } = options
  const views = new Map<string, { parts: Parts; view: ConversationView }>()
  const stale = new Set<string>(memory.conversations.keys())
  let list: readonly ConversationView[] = []

  const refresh = (id: string) => {
    const parts = partsOf(id, options)
    const before = views.get(id)
    if (!parts) return views.delete(id)
    if (before && isSame(before.parts, parts)) return false
    views.set(id, { parts, view: toView(parts) })
    return true
  }
  const refreshStale = () => {
    let changed = false
    for (const id of stale) changed = refresh(id) || changed
    stale.clear()
    if (changed) list = [...views.values()].map(({ view }) => view).sort(byActivity(options.me))
  }
  return {
    get(id) {
      refreshStale()
      return views.get(id)?.view
    },
    list() {
      refreshStale()
      return list
    },
    changed(ids) {
      for (const id of ids) stale.add(id)
    },
    allChanged() {
      for (const id of memory.conversations.keys()) stale.add(id)
    },
  }
}

function partsOf(id: string, { me, memory, typingIn, person }: ConversationViewsOptions): Parts | undefined {
  const conversation = memory.conversations.get(id)?.conversation
  if (!conversation) return undefined
  const unsent = [...memory.outbox.values()].filter(
    (entry) => entry.conversationId === id && entry.state !== 'stored',
  )
  const users = conversation.participants.map(({ userId, user }) => person(userId) ?? user)
  const draft = memory.drafts.get(id)?.text ?? conversation.me.draft ?? ''
  return {
    conversation,
    draft,
    supersededDrafts: memory.superseded.get(id) ?? none,
    pendingCount: unsent.length,
    failedCount: unsent.filter(({ state }) => state === 'failed').length,
    typing: typingIn(id),
    peer: peerOf(conversation, me, person),
    users,
  }
}

function peerOf(
  { kind, participants }: Conversation,
  me: string,
  person: ConversationViewsOptions['person'],
): PublicUser | undefined {
  if (kind !== 'direct') return undefined
  const other = participants.find(({ userId }) => userId !== me) ?? participants[0]
  return other && (person(other.userId) ?? other.user)
}

function isSame(a: Parts, b: Parts): boolean {
  return (
    a.conversation === b.conversation &&
    a.draft === b.draft &&
    a.supersededDrafts === b.supersededDrafts &&
    a.pendingCount === b.pendingCount &&
    a.failedCount === b.failedCount &&
    a.typing === b.typing &&
    a.peer === b.peer &&
    a.users.every((user, i) => user === b.users[i])
  )
}

function toView(parts: Parts): ConversationView {
  const { conversation, draft, supersededDrafts, pendingCount, failedCount, typing, peer, users } = parts
  const displayTitle = conversation.title ?? peer?.displayName ?? ''
  return {
    ...conversation,
    participants: withUsers(conversation.participants, users),
    draft,
    supersededDrafts,
    pendingCount,
    failedCount,
    displayTitle,
    typing: [...typing],
    ...(peer === undefined ? {} : { peer }),
  }
}

/** A stored conversation carries old profiles; what is shown are the newest known. */
const withUsers = (participants: Participant[], users: readonly PublicUser[]): Participant[] =>
  participants.map((one, i) => {
    const user = users[i]
    return user === undefined || isSameProfile(user, one.user) ? one : { ...one, user }
  })

/** Keeps the object where nothing differs, so that unchanged rows are not drawn again. */
const isSameProfile = (a: PublicUser, b: PublicUser) =>
  a === b ||
  (a.version !== undefined && a.version === b.version && a.deleted === b.deleted && a.bio === b.bio)

/** The server's order: of two in the same millisecond the younger conversation comes first. */
const byActivity = (me: string) => (a: ConversationView, b: ConversationView) => {
  if (a.me.pinned !== b.me.pinned) return a.me.pinned ? -1 : 1
  return compare(activityOf(b, me), activityOf(a, me)) || compare(b.id, a.id)
}

/** Without a readable message, activity is when I joined. */
function activityOf({ lastMessage, participants, createdAt }: ConversationView, me: string): string {
  if (lastMessage) return lastMessage.createdAt
  return participants.find(({ userId }) => userId === me)?.joinedAt ?? createdAt
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
