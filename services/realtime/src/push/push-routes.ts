import { realtimeApi } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { PushContext } from './push-context.ts'
import { testPush } from './test-push.ts'

/** What people ask about notifications. Served once `push` is there. */
export const pushRoutes = (push: Promise<PushContext>): readonly Route[] => [
  route(realtimeApi.getPushKey, async () => {
    const { publicKey } = await (await push).keys.get()
    return { publicKey }
  }),
  route(realtimeApi.testPush, async ({ actor, body }) => testPush(await push, actor, body), {
    limit: { name: 'push-test', points: 10, perSeconds: 3600, by: 'actor' },
  }),
]
