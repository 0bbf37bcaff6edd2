import { newId, type SendResult, type SyncReply } from '@finnigram/contracts'
import type { Reply } from '../../src/ask.ts'
import type { Outcome } from '../expectations/outcomes.ts'
import type { Ask, Asked, Scene, Things } from './fixture.ts'

type Find = (fixture: Scene) => string | Promise<string>
type At<Names extends string> = Record<Names, Ask>

/** The group, a group of others, none at all; `make` says what is asked of it. */
const ofConversation = (make: (conversationId: string) => Asked): At<'own' | 'others' | 'missing'> => {
  const at =
    (find: Find): Ask =>
    async (fixture) =>
      make(await find(fixture))
  return {
    own: at(async ({ group }) => (await group()).id),
    others: at(({ environment }) => environment.otherGroup.id),
    missing: at(() => newId()),
  }
}

const inConversation = (rest: () => Asked = () => ({})) =>
  ofConversation((conversationId) => ({ params: { conversationId }, ...rest() }))

/**
 * A message of one's own; one of somebody else in the group; one in a group of others; none at all.
 */
const message = (rest: Asked = {}): At<'own' | 'others' | 'hidden' | 'missing'> => {
  const at =
    (find: Find): Ask =>
    async (fixture) => ({ ...rest, params: { messageId: await find(fixture), ...rest.params } })
  return {
    own: at(ownMessage),
    others: at(async ({ group, someone }) => (await group()).messageOf(someone)),
    hidden: at(({ environment }) => environment.otherGroup.messageOf(environment.outsider)),
    missing: at(() => newId()),
  }
}

const wrote = new Set(['former', 'participant', 'admin', 'owner'])

async function ownMessage({ actor, me, environment, group, someone }: Scene): Promise<string> {
  if (wrote.has(actor)) return (await group()).messageOf(me)
  const isIn = ['stranger', 'blocked', 'blocker', 'invited'].includes(actor)
  return isIn ? environment.newNote(me) : environment.group.messageOf(someone)
}

const readResult = ({ body }: Reply): Outcome => {
  const [item] = (body as { items: SendResult[] }).items
  return item?.error?.code ?? item?.status ?? 'ok'
}

/** Whether the reply says that the conversation is not one's own any more. */
const readSync =
  (id: string) =>
  ({ body, status }: Reply): Outcome => {
    const { removed, conversations } = body as SyncReply
    const isTold = conversations.some((one) => one.id === id)
    return removed.includes(id) && !isTold ? 'removed' : status
  }

/** What is asked of the routes of messages. */
export const messageCases = {
  sendMessage: inConversation(() => ({ body: { id: newId(), text: 'Let me in' } })),
  sendMessages: ofConversation((conversationId) => ({
    body: { messages: [{ conversationId, id: newId(), text: 'Let me in' }] },
    read: readResult,
  })),
  listMessages: inConversation(),
  getMessage: message(),
  markRead: inConversation(() => ({ body: { seq: 1 } })),
  markDelivered: inConversation(() => ({ body: { seq: 1 } })),
  listEvents: inConversation(),
  sync: ofConversation((id) => ({ body: { known: { [id]: 1 } }, read: readSync(id) })),
  editMessage: message({ body: { text: 'Changed' } }),
  deleteMessage: message(),
  addReaction: message({ params: { emoji: '👍' } }),
  removeReaction: message({ params: { emoji: '👍' } }),
  pinMessage: message(),
  unpinMessage: message(),
  listPins: inConversation(),
  starMessage: message(),
  unstarMessage: message(),
  listStars: { own: () => ({}) },
  searchMessages: {
    ...ofConversation((conversationId) => ({ query: { q: 'text', conversationId } })),
    everywhere: ({ environment }) => ({ query: { q: environment.otherGroup.canary } }),
  },
} satisfies Record<string, Things>
