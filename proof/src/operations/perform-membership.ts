import { messagesApi } from '@finnigram/contracts'
import type { ActionKind } from '../generator/plan.ts'
import { attempt } from './attempt.ts'
import type { Operation, Performer } from './operation.ts'

/** Who comes, goes and may do what, while everything else goes on. */
export const memberPerformers = {
  async add({ device, conversationId, ...operation }) {
    await attempt(device, ({ conversations }) =>
      conversations.addParticipants(conversationId, [personOf(operation)]),
    )
  },
  async remove({ device, conversationId, ...operation }) {
    await attempt(device, ({ conversations }) =>
      conversations.removeParticipant(conversationId, personOf(operation)),
    )
  },
  async leave({ device, conversationId }) {
    await attempt(device, ({ conversations }) => conversations.leave(conversationId))
  },
  async join({ environment, device, action }) {
    const code = environment.invites.get(action.conversation)
    if (code) await attempt(device, ({ conversations }) => conversations.acceptInvite(code))
  },
  async role({ device, conversationId, action, ...operation }) {
    const params = { conversationId, userId: personOf({ ...operation, action }) }
    const role = action.pick < 0.6 ? 'admin' : 'member'
    await attempt(device, ({ api }) => api.call(messagesApi.changeRole, { params, body: { role } }))
  },
  async rename({ device, conversationId, action }) {
    await attempt(device, ({ conversations }) =>
      conversations.rename(conversationId, `Group ${action.number}`),
    )
  },
  async create({ environment, device, action }) {
    const members = environment.plan.conversations[action.conversation]?.members.slice(1) ?? []
    const userIds = members.map((person) => environment.people[person]?.id ?? '')
    const title = `Made at ${action.number}`
    const made = await attempt(device, ({ conversations }) => conversations.createGroup({ title, userIds }))
    if (made.state === 'done') environment.conversations[action.conversation] = made.value.id
  },
  async settings({ device, conversationId, action }) {
    const call = { params: { conversationId }, body: { pinned: action.pick < 0.5 } }
    await attempt(device, ({ api }) => api.call(messagesApi.updateConversationMe, call))
  },
} satisfies Partial<Record<ActionKind, Performer>>

const personOf = ({ environment, action }: Pick<Operation, 'environment' | 'action'>): string =>
  environment.people[action.person]?.id ?? ''
