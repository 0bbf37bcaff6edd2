import { newId } from '@finnigram/contracts'
import { done } from '../environment/person.ts'
import type { Scene, Things } from './fixture.ts'

/** A device of somebody, if they may have one; nothing listens where it is notified. */
async function deviceOf({ world }: Scene, { token }: { token: string | undefined }): Promise<string> {
  const deviceId = newId()
  const body = { kind: 'expo', token: `ExponentPushToken[${newId()}]`, name: 'A phone' }
  await done(world.url, `PUT /v1/users/me/devices/${deviceId}`, { token, body })
  return deviceId
}

const isSignedOut = ({ actor }: Scene) => ['anonymous', 'deleted', 'revoked'].includes(actor)

/** What is asked of the routes of notifications. */
export const pushCases = {
  getPushKey: { own: () => ({}) },
  testPush: {
    own: async (scene) => ({
      body: { deviceId: isSignedOut(scene) ? newId() : await deviceOf(scene, scene.me) },
    }),
    others: async (scene) => ({ body: { deviceId: await deviceOf(scene, scene.someone) } }),
    missing: () => ({ body: { deviceId: newId() } }),
  },
} satisfies Record<string, Things>
