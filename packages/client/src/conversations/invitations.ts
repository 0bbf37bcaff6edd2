import { type Conversation, messagesApi, type PublicUser } from '@finnigram/contracts'
import type { Api } from '../api/create-api.ts'
import type { People } from '../people/people.ts'
import type { ReadonlyMemory } from '../replica/memory.ts'
import type { Database } from '../replica/store.ts'
import { createSingleFlight } from '../single-flight.ts'
import type { InvitationView } from '../views.ts'

/** Groups that wait for my answer, as last known; stored on the device. */
export interface Invitations {
  /** Newest first. The same array while nothing in it changed. */
  list(): readonly InvitationView[]
  /** Ids that a sync listed; if they differ from the known ones, all are fetched. */
  synced(ids: readonly string[]): Promise<void>
  /** From the socket. */
  arrived(invitation: Conversation): void
  ended(conversationId: string): void
  /** People or own conversations changed, which are shown in invitations. */
  refresh(): void
}

export interface InvitationsOptions {
  api: Pick<Api, 'call'>
  database: Database
  memory: ReadonlyMemory
  people: People
  publish: () => void
  onError: (error: unknown) => void
}

const key = 'invitations'
const none: readonly InvitationView[] = []

export async function openInvitations(options: InvitationsOptions): Promise<Invitations> {
  const { api, database, memory, people, publish, onError } = options
  const singleFlight = createSingleFlight()
  let known = ((await database.get('meta', key)) ?? []) as Conversation[]
  let shown: readonly InvitationView[] | undefined
  let changes = 0

  const refresh = () => {
    shown = undefined
    publish()
  }
  const keep = (next: Conversation[]) => {
    known = next
    changes += 1
    database.write([{ op: 'put', table: 'meta', key, value: next }]).catch(onError)
    people.meet(next.flatMap(({ me }) => me.invitedBy ?? []))
    refresh()
  }
  /** A frame that came meanwhile may be newer than the pages: fetch again. */
  const fetchAll = async (): Promise<void> => {
    for (;;) {
      const before = changes
      const all = await loadInvitations(api)
      if (before !== changes) continue
      keep(all)
      return
    }
  }
  return {
    list() {
      shown ??= toViews(known, { memory, person: people.get })
      return shown
    },
    async synced(ids) {
      const here = new Set(known.map(({ id }) => id))
      if (ids.length === here.size && ids.every((id) => here.has(id))) return
      await singleFlight(key, fetchAll)
    },
    arrived: (invitation) => keep([invitation, ...known.filter(({ id }) => id !== invitation.id)]),
    ended(conversationId) {
      const left = known.filter(({ id }) => id !== conversationId)
      if (left.length < known.length) keep(left)
    },
    refresh,
  }
}

async function loadInvitations(api: InvitationsOptions['api']): Promise<Conversation[]> {
  const all: Conversation[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { state: 'invited', limit: 100, ...(cursor === undefined ? {} : { cursor }) } as const
    const page = await api.call(messagesApi.listConversations, { query })
    all.push(...page.items)
    cursor = page.nextCursor
  }
  return all
}

/** A group that I take part in is no invitation any more, whichever of the two was known first. */
function toViews(
  known: readonly Conversation[],
  { memory, person }: { memory: ReadonlyMemory; person: (id: string) => PublicUser | undefined },
): readonly InvitationView[] {
  const waiting = known.filter(({ id }) => !memory.conversations.has(id))
  if (waiting.length === 0) return none
  return waiting.map(({ id, title, avatarUrl, participantCount, me: { invitedBy = '' } }) => {
    const inviter = person(invitedBy)
    return {
      id,
      title: title ?? '',
      avatarUrl,
      participantCount,
      invitedBy,
      ...(inviter === undefined ? {} : { inviter }),
    }
  })
}
