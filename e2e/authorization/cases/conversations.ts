import { newId } from '@finnigram/contracts'
import { done } from '../environment/person.ts'
import { picture } from '../environment/picture.ts'
import type { Ask, Asked, Scene, Things } from './fixture.ts'

/** The group, a group of others, none at all; `rest` is what is asked besides. */
const conversation = (rest: (scene: Scene) => Asked | Promise<Asked> = () => ({})) => {
  const at =
    (find: (scene: Scene) => string | Promise<string>): Ask =>
    async (scene) => {
      const asked = await rest(scene)
      return { ...asked, params: { conversationId: await find(scene), ...asked.params } }
    }
  return {
    own: at(async ({ club }) => (await club()).id),
    others: at(({ world }) => world.cellar.id),
    missing: at(() => newId()),
  }
}

const inClub = async ({ club }: Scene, params: Record<string, string>) => ({
  conversationId: (await club()).id,
  ...params,
})

const revoked = async ({ world }: Scene) => {
  const { owner } = world.people
  const { id, invite, avatar } = await world.newClub()
  await avatar()
  const code = await invite()
  await done(world.url, `DELETE /v1/conversations/${id}/invites/${code}`, { token: owner.token })
  return { params: { code } }
}

/** An invite of the group; one that was revoked; none at all. */
const invite = {
  own: async ({ club }) => ({ params: { code: await (await club()).invite() } }),
  others: revoked,
  missing: () => ({ params: { code: 'n0-such-code' } }),
} satisfies Things

/** What is asked of the routes of conversations. */
export const conversationCases = {
  createConversation: {
    own: ({ me }) => ({ body: { kind: 'direct', userId: me.userId } }),
    others: async ({ actor, world }) => {
      const isApart = actor === 'blocked' || actor === 'blocker'
      const { userId } = isApart ? world.people.owner : await world.newPerson()
      return { body: { kind: 'direct', userId } }
    },
    missing: () => ({ body: { kind: 'direct', userId: newId() } }),
  },
  listConversations: { own: () => ({}) },
  getConversation: conversation(),
  updateConversation: conversation(() => ({ body: { title: 'Renamed' } })),
  listParticipants: conversation(),
  lookupParticipants: {
    own: ({ world }) => ({ body: { ids: Object.values(world.people).map(({ userId }) => userId) } }),
    missing: () => ({ body: { ids: [newId()] } }),
  },
  addParticipants: conversation(async ({ world }) => ({
    body: { userIds: [(await world.newPerson()).userId] },
  })),
  changeRole: {
    ...conversation(({ world }) => ({
      params: { userId: world.people.participant.userId },
      body: { role: 'admin' },
    })),
    absent: async (scene) => ({
      params: await inClub(scene, { userId: scene.world.people.stranger.userId }),
      body: { role: 'admin' },
    }),
  },
  removeParticipant: {
    ...conversation(({ world }) => ({ params: { userId: world.people.participant.userId } })),
    absent: async (scene) => ({
      params: await inClub(scene, { userId: scene.world.people.stranger.userId }),
    }),
    above: async (scene) => ({ params: await inClub(scene, { userId: scene.world.people.owner.userId }) }),
    self: async (scene) => ({ params: await inClub(scene, { userId: scene.me.userId }) }),
  },
  acceptInvitation: conversation(),
  listInvitations: conversation(),
  withdrawInvitation: {
    ...conversation(({ world }) => ({ params: { userId: world.people.invited.userId } })),
    own: async ({ club, world }) => ({
      params: { conversationId: (await club({ isAsking: true })).id, userId: world.people.invited.userId },
    }),
    absent: async (scene) => ({
      params: await inClub(scene, { userId: scene.world.people.stranger.userId }),
    }),
  },
  updateConversationMe: conversation(() => ({ body: { pinned: true, draft: 'not yet' } })),
  putConversationAvatar: conversation(() => picture),
  deleteConversationAvatar: conversation(),
  getConversationAvatar: conversation(async ({ club }) => {
    await (await club()).avatar()
    return {}
  }),
  createInvite: conversation(() => ({ body: { maxUses: 1 } })),
  listInvites: conversation(),
  revokeInvites: conversation(),
  revokeInvite: {
    ...conversation(async ({ club }) => ({ params: { code: await (await club()).invite() } })),
    absent: async (scene) => ({ params: await inClub(scene, { code: 'n0-such-code' }) }),
  },
  getInvite: invite,
  getInviteAvatar: {
    ...invite,
    own: async ({ club }) => {
      const { avatar, invite: makeInvite } = await club()
      await avatar()
      return { params: { code: await makeInvite() } }
    },
  },
  acceptInvite: invite,
} satisfies Record<string, Things>
