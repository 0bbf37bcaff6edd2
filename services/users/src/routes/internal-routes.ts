import { usersApi } from '@finnigram/contracts'
import { parkedRoutes, type Route, route } from '@finnigram/service-kit'
import { listEndedSessions } from '../auth/ended-sessions.ts'
import { snapshotBlocks } from '../blocks/snapshot-blocks.ts'
import type { UsersContext } from '../context.ts'
import { listPushDevices } from '../devices/push-devices.ts'
import { loadPushKeys } from '../devices/vapid-keys.ts'
import { lookupPresence } from '../people/lookup-presence.ts'
import { snapshotUsers } from '../people/snapshots.ts'
import { forgetPushDevices } from '../push/forget-push-devices.ts'
import { getPushDevice } from '../push/get-push-device.ts'

/** What other services ask. */
export const internalRoutes = (ctx: UsersContext): Route[] => [
  route(usersApi.snapshotUsers, ({ query }) => snapshotUsers(ctx, query)),
  route(usersApi.listEndedSessions, async () => ({ sessionIds: await listEndedSessions(ctx.pool) })),
  route(usersApi.snapshotBlocks, ({ query }) => snapshotBlocks(ctx, query)),
  route(usersApi.lookupPresence, ({ body }) => lookupPresence(ctx, body)),
  route(usersApi.listPushDevices, ({ body }) => listPushDevices(ctx, body.userIds)),
  route(usersApi.getPushDevice, ({ params }) => getPushDevice(ctx, params)),
  route(usersApi.forgetPushDevices, ({ body }) => forgetPushDevices(ctx, body.targetKeys)),
  route(usersApi.getPushKeys, () => loadPushKeys(ctx)),
  ...parkedRoutes(() => ctx.parked),
]
