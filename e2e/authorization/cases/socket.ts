import type { ClientEvent } from '@finnigram/contracts'
import { newId } from '@finnigram/contracts'
import type { Scene } from './fixture.ts'

type Say = (fixture: Scene) => unknown

/** The group, a group of others, none at all. */
const inConversation = (rest: () => object) => ({
  own: async ({ group }: Scene) => ({ conversationId: (await group()).id, ...rest() }),
  others: ({ environment }: Scene) => ({ conversationId: environment.otherGroup.id, ...rest() }),
  missing: () => ({ conversationId: newId(), ...rest() }),
})

/** Oneself, somebody of a group of others, nobody. */
const ofPeople = {
  own: ({ me }: Scene) => ({ userIds: [me.userId] }),
  others: ({ environment }: Scene) => ({ userIds: [environment.outsider.userId] }),
  missing: () => ({ userIds: [newId()] }),
}

/** What is said over the socket. */
export const socketCases = {
  send: inConversation(() => ({ id: newId(), text: 'Let me in' })),
  typing: inConversation(() => ({ active: true })),
  read: inConversation(() => ({ seq: 1 })),
  delivered: inConversation(() => ({ seq: 1 })),
  watch: ofPeople,
  unwatch: ofPeople,
  authorise: {
    own: ({ me }) => ({ token: me.token }),
    others: ({ someone }) => ({ token: someone.token }),
    missing: () => ({ token: 'nobody' }),
  },
  away: { own: () => undefined },
  back: { own: () => undefined },
} satisfies Record<ClientEvent, Record<string, Say>>
