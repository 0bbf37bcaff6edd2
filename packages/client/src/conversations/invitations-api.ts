import { type GroupInvitation, messagesApi, usersApi } from '@finnigram/contracts'
import { ApiProblem, localProblem } from '../api/problems.ts'
import type { InvitationsPart } from '../client.ts'
import type { Account } from '../signed-in-client.ts'
import type { InvitationView } from '../views.ts'
import type { PartOptions } from './conversations-api.ts'

const none: readonly InvitationView[] = []

export function invitationsPart({ account, topics }: PartOptions): InvitationsPart {
  const current = () => {
    const open = account()
    if (!open) throw localProblem('unauthenticated')
    return open
  }
  /** What the server does not know was withdrawn, or answered elsewhere. */
  const forgetting = async <T>(answer: Promise<T>, id: string): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'not_found') current().invitations.ended(id)
      throw error
    }
  }
  const inside = (conversationId: string) => ({ params: { conversationId } })
  return {
    list: () => account()?.invitations.list() ?? none,
    get: (id) =>
      account()
        ?.invitations.list()
        .find((invitation) => invitation.id === id),
    subscribe: topics.invitations.subscribe,
    async accept(id) {
      const { api, engine, views, invitations } = current()
      const accepted = api.call(messagesApi.acceptInvitation, inside(id))
      await engine.install(await forgetting(accepted, id))
      invitations.ended(id)
      const view = views.get(id)
      if (!view) throw localProblem('not_found')
      return view
    },
    async decline(id) {
      const { api, invitations, replica } = current()
      const params = { conversationId: id, userId: replica.me }
      await forgetting(api.call(messagesApi.removeParticipant, { params }), id)
      invitations.ended(id)
    },
    async block(id, invitedBy) {
      const { api, invitations } = current()
      await api.call(usersApi.block, { params: { userId: invitedBy } })
      invitations.ended(id)
    },
    sent: async (conversationId) => listSent(current(), conversationId),
    async withdraw(conversationId, userId) {
      const { api } = current()
      await api.call(messagesApi.withdrawInvitation, { params: { conversationId, userId } })
    },
  }
}

/** Whom a group asked, page by page. */
async function listSent({ api, people }: Account, conversationId: string): Promise<GroupInvitation[]> {
  const items: GroupInvitation[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) }
    const page = await api.call(messagesApi.listInvitations, { params: { conversationId }, query })
    items.push(...page.items)
    cursor = page.nextCursor
  }
  people.take(items.map(({ user }) => user))
  return items.map((item) => ({ ...item, user: people.get(item.userId) ?? item.user }))
}
