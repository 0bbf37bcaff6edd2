import { newId } from '@finnigram/contracts'
import { newUsername, succeeded } from '../environment/person.ts'
import { picture } from '../environment/picture.ts'
import type { Scene, Things } from './fixture.ts'

const device = { kind: 'expo', token: 'ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]', name: 'A phone' }

/** The id of somebody with a picture of their own. */
async function pictured({ environment }: Scene, person: { userId: string; token: string | undefined }) {
  await succeeded(environment.url, 'PUT /v1/users/me/avatar', { token: person.token, ...picture })
  return { userId: person.userId }
}

/** Somebody on the other side of a block for the two who have one, anyone else for the others. */
const other = ({ actor, environment, someone }: Scene) =>
  actor === 'blocked' || actor === 'blocker' ? environment.people.owner : someone

/** What is asked of the routes of people. */
export const userCases = {
  getMe: { own: () => ({}) },
  updateMe: {
    own: async ({ spare }) => ({ as: await spare(), body: { displayName: 'Renamed' } }),
    others: ({ someone }) => ({ body: { username: someone.username } }),
    address: async ({ spare }) => {
      const as = await spare()
      return { as, body: { email: `hush-new-${as.username}@mail.example`, password: as.password } }
    },
    tokenOnly: async ({ spare }) => {
      const as = await spare()
      return { as, body: { email: `hush-new-${as.username}@mail.example` } }
    },
  },
  deleteMe: {
    own: async ({ spare }) => {
      const as = await spare()
      return { as, body: { password: as.password } }
    },
    others: ({ someone }) => ({ body: { password: someone.password } }),
  },
  searchUsers: { own: () => ({ query: { query: 'hush' } }) },
  getUser: {
    own: ({ me }) => ({ params: { userId: me.userId } }),
    others: (fixture) => ({ params: { userId: other(fixture).userId } }),
    missing: () => ({ params: { userId: newId() } }),
  },
  lookupUsers: {
    own: ({ environment }) => ({
      body: { ids: Object.values(environment.people).map(({ userId }) => userId) },
    }),
  },
  putAvatar: { own: async ({ spare }) => ({ as: await spare(), ...picture }) },
  deleteAvatar: { own: async ({ spare }) => ({ as: await spare() }) },
  getAvatar: {
    own: async (fixture) => {
      const as = await fixture.spare()
      const isIn = as.token !== fixture.me.token
      return { as, params: isIn ? await pictured(fixture, as) : { userId: as.userId } }
    },
    others: async (fixture) => ({ params: await pictured(fixture, other(fixture)) }),
    missing: () => ({ params: { userId: newId() } }),
  },
  exportMe: { own: () => ({}) },
  listBlocks: { own: () => ({}) },
  block: {
    own: ({ me }) => ({ params: { userId: me.userId } }),
    others: async ({ environment }) => ({ params: { userId: (await environment.newPerson()).userId } }),
    missing: () => ({ params: { userId: newId() } }),
  },
  unblock: {
    own: ({ me }) => ({ params: { userId: me.userId } }),
    others: async ({ environment }) => ({ params: { userId: (await environment.newPerson()).userId } }),
    missing: () => ({ params: { userId: newId() } }),
  },
  putDevice: {
    own: () => ({
      params: { deviceId: newId() },
      body: { ...device, token: `ExponentPushToken[${newId()}]` },
    }),
    others: () => ({
      params: { deviceId: 'phone' },
      body: { ...device, token: `ExponentPushToken[${newId()}]` },
    }),
    missing: () => ({
      params: { deviceId: 'phone-2' },
      body: { ...device, token: `ExponentPushToken[${newId()}]` },
    }),
  },
  deleteDevice: {
    own: () => ({ params: { deviceId: 'phone-2' } }),
    others: () => ({ params: { deviceId: 'phone' } }),
    missing: () => ({ params: { deviceId: newUsername('none').replace('.', '-') } }),
  },
} satisfies Record<string, Things>
