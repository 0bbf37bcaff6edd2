import type { ConversationEventType } from '@finnigram/contracts'
import type { Fixture } from './fixture.ts'

/** Prepares the fixture and returns what then makes the event. */
type EventCase = (fixture: Fixture) => Promise<() => Promise<unknown>>

const thumb = `/reactions/${encodeURIComponent('👍')}`

/** How each durable fact comes about: a new type does not compile until it has its case. */
export const eventCases: Record<Exclude<ConversationEventType, 'conversation.created'>, EventCase> = {
  'message.created':
    async ({ say, owner, member }) =>
    async () => {
      await say(owner, `For you, @${member.username}`)
      await say(member, 'Thank you')
      await say(owner, '@all of you, too')
    },
  'message.edited': async ({ say, call, owner, member }) => {
    const { id } = await say(owner, 'Frist')
    await say(owner, 'Something in between')
    return () => call(owner, `PATCH /v1/messages/${id}`, { text: `First, @${member.username}` })
  },
  'message.deleted': async ({ say, call, owner, member }) => {
    const { id } = await say(owner, `Not for you, @${member.username}`)
    const last = await say(owner, 'The last one')
    await call(member, `PUT /v1/messages/${id}${thumb}`)
    await call(member, `PUT /v1/messages/${id}/pin`)
    return async () => {
      await call(owner, `DELETE /v1/messages/${id}`)
      await call(owner, `DELETE /v1/messages/${last.id}`)
    }
  },
  'reaction.added': async ({ say, call, owner, member }) => {
    const { id } = await say(owner, 'What do you think?')
    return async () => {
      await call(member, `PUT /v1/messages/${id}${thumb}`)
      await call(owner, `PUT /v1/messages/${id}${thumb}`)
      await call(member, `PUT /v1/messages/${id}/reactions/${encodeURIComponent('🎉')}`)
    }
  },
  'reaction.removed': async ({ say, call, owner, member }) => {
    const { id } = await say(owner, 'What do you think?')
    for (const person of [owner, member]) await call(person, `PUT /v1/messages/${id}${thumb}`)
    return () => call(member, `DELETE /v1/messages/${id}${thumb}`)
  },
  'message.pinned': async ({ say, call, owner, member }) => {
    const { id } = await say(owner, 'Keep this in sight')
    return () => call(member, `PUT /v1/messages/${id}/pin`)
  },
  'message.unpinned': async ({ say, call, owner, member }) => {
    const { id } = await say(owner, 'Out of sight')
    const stays = await say(owner, 'In sight')
    for (const one of [id, stays.id]) await call(member, `PUT /v1/messages/${one}/pin`)
    return () => call(owner, `DELETE /v1/messages/${id}/pin`)
  },
  'conversation.updated':
    async ({ call, owner }) =>
    async () => {
      await call(owner, 'PATCH ', { title: 'After' })
      await call(owner, 'PATCH ', { description: 'What we do here', sharesHistory: true })
      await call(owner, 'PATCH ', { description: null })
    },
  'participant.added':
    async ({ call, owner, newcomer }) =>
    () =>
      call(owner, 'POST /participants', { userIds: [newcomer.userId] }),
  'participant.removed': async ({ call, owner, newcomer }) => {
    await call(owner, 'POST /participants', { userIds: [newcomer.userId] })
    return () => call(newcomer, `DELETE /participants/${newcomer.userId}`)
  },
  'participant.role_changed':
    async ({ call, owner, member }) =>
    () =>
      call(owner, `PATCH /participants/${member.userId}`, { role: 'admin' }),
}
