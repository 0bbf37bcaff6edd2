import { newId } from '@finnigram/contracts'
import { done } from '../environment/person.ts'
import type { Scene, Things } from './fixture.ts'

/** A device of somebody, if they may have one; nothing listens where it is notified. */
async function deviceOf({ environment }: Scene, { token }: { token: string | undefined }): Promise<string> {
  const deviceId = newId()
  const body = { kind: 'expo', token: `ExponentPushToken[${newId()}]`, name: 'A phone' }
  await done(environment.url, `PUT /v1/users/me/devices/${deviceId}`, { token, body })
  return deviceId
}

const isSignedOut = ({ actor }: Scene) => ['anonymous', 'deleted', 'revoked'].includes(actor)

/** What is asked of the routes of notifications. */
export const pushCases = {
  getPushKey: { own: () => ({}) },
  testPush: {
    own: async (fixture) => ({
      body: { deviceId: isSignedOut(fixture) ? newId() : await deviceOf(fixture, fixture.me) },
    }),
    others: async (fixture) => ({ body: { deviceId: await deviceOf(fixture, fixture.someone) } }),
    missing: () => ({ body: { deviceId: newId() } }),
  },
} satisfies Record<string, Things>
