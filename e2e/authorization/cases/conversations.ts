import { newId } from '@finnigram/contracts'
import { done } from '../environment/person.ts'
import { picture } from '../environment/picture.ts'
import type { Ask, Asked, Scene, Things } from './fixture.ts'

/** The group, a group of others, none at all; `rest` is what is asked besides. */
const conversation = (rest: (fixture: Scene) => Asked | Promise<Asked> = () => ({})) => {
  const at =
    (find: (fixture: Scene) => string | Promise<string>): Ask =>
    async (fixture) => {
      const asked = await rest(fixture)
      return { ...asked, params: { conversationId: await find(fixture), ...asked.params } }
    }
  return {
    own: at(async ({ group }) => (await group()).id),
    others: at(({ environment }) => environment.otherGroup.id),
    missing: at(() => newId()),
  }
}

const inGroup = async ({ group }: Scene, params: Record<string, string>) => ({
  conversationId: (await group()).id,
  ...params,
})

const revoked = async ({ environment }: Scene) => {
  const { owner } = environment.people
  const { id, invite, avatar } = await environment.createGroup()
  await avatar()
  const code = await invite()
  await done(environment.url, `DELETE /v1/conversations/${id}/invites/${code}`, { token: owner.token })
  return { params: { code } }
}

/** An invite of the group; one that was revoked; none at all. */
const invite = {
  own: async ({ group }) => ({ params: { code: await (await group()).invite() } }),
  others: revoked,
  missing: () => ({ params: { code: 'n0-such-code' } }),
} satisfies Things

/** What is asked of the routes of conversations. */
export const conversationCases = {
  createConversation: {
    own: ({ me }) => ({ body: { kind: 'direct', userId: me.userId } }),
    others: async ({ actor, environment }) => {
      const isApart = actor === 'blocked' || actor === 'blocker'
      const { userId } = isApart ? environment.people.owner : await environment.newPerson()
      return { body: { kind: 'direct', userId } }
    },
    missing: () => ({ body: { kind: 'direct', userId: newId() } }),
  },
  listConversations: { own: () => ({}) },
  getConversation: conversation(),
  updateConversation: conversation(() => ({ body: { title: 'Renamed' } })),
  listParticipants: conversation(),
  lookupParticipants: {
    own: ({ environment }) => ({
      body: { ids: Object.values(environment.people).map(({ userId }) => userId) },
    }),
    missing: () => ({ body: { ids: [newId()] } }),
  },
  addParticipants: conversation(async ({ environment }) => ({
    body: { userIds: [(await environment.newPerson()).userId] },
  })),
  changeRole: {
    ...conversation(({ environment }) => ({
      params: { userId: environment.people.participant.userId },
      body: { role: 'admin' },
    })),
    absent: async (fixture) => ({
      params: await inGroup(fixture, { userId: fixture.environment.people.stranger.userId }),
      body: { role: 'admin' },
    }),
  },
  removeParticipant: {
    ...conversation(({ environment }) => ({ params: { userId: environment.people.participant.userId } })),
    absent: async (fixture) => ({
      params: await inGroup(fixture, { userId: fixture.environment.people.stranger.userId }),
    }),
    above: async (fixture) => ({
      params: await inGroup(fixture, { userId: fixture.environment.people.owner.userId }),
    }),
    self: async (fixture) => ({ params: await inGroup(fixture, { userId: fixture.me.userId }) }),
  },
  acceptInvitation: conversation(),
  listInvitations: conversation(),
  withdrawInvitation: {
    ...conversation(({ environment }) => ({ params: { userId: environment.people.invited.userId } })),
    own: async ({ group, environment }) => ({
      params: {
        conversationId: (await group({ isAsking: true })).id,
        userId: environment.people.invited.userId,
      },
    }),
    absent: async (fixture) => ({
      params: await inGroup(fixture, { userId: fixture.environment.people.stranger.userId }),
    }),
  },
  updateConversationMe: conversation(() => ({ body: { pinned: true, draft: 'not yet' } })),
  putConversationAvatar: conversation(() => picture),
  deleteConversationAvatar: conversation(),
  getConversationAvatar: conversation(async ({ group }) => {
    await (await group()).avatar()
    return {}
  }),
  createInvite: conversation(() => ({ body: { maxUses: 1 } })),
  listInvites: conversation(),
  revokeInvites: conversation(),
  revokeInvite: {
    ...conversation(async ({ group }) => ({ params: { code: await (await group()).invite() } })),
    absent: async (fixture) => ({ params: await inGroup(fixture, { code: 'n0-such-code' }) }),
  },
  getInvite: invite,
  getInviteAvatar: {
    ...invite,
    own: async ({ group }) => {
      const { avatar, invite: makeInvite } = await group()
      await avatar()
      return { params: { code: await makeInvite() } }
    },
  },
  acceptInvite: invite,
} satisfies Record<string, Things>
