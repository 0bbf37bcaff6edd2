import { usersApi } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import { deleteAvatar } from '../avatars/delete-avatar.ts'
import { getAvatar } from '../avatars/get-avatar.ts'
import { putAvatar } from '../avatars/put-avatar.ts'
import { listBlocks } from '../blocks/list-blocks.ts'
import { unblockPerson } from '../blocks/unblock-person.ts'
import type { UsersContext } from '../context.ts'
import { deleteDevice } from '../devices/delete-device.ts'
import { putDevice } from '../devices/put-device.ts'
import { exportMe } from '../export/export-me.ts'
import {
  avatarLimit,
  deletionLimit,
  exportTryLimit,
  pictureLimit,
  profileLimit,
  searchLimit,
} from '../limits.ts'
import { blockPerson } from '../people/blocks.ts'
import { deleteMe } from '../people/delete-account.ts'
import { getMe } from '../people/get-me.ts'
import { getUser } from '../people/get-users.ts'
import { lookupUsers } from '../people/lookup-users.ts'
import { searchUsers } from '../people/search-users.ts'
import { updateMe } from '../people/update-me.ts'

/** Profiles and finding people. The first that matches serves, so `me` stands before `:userId`. */
export const peopleRoutes = (ctx: UsersContext): Route[] => [
  route(usersApi.getMe, ({ actor }) => getMe(ctx, actor)),
  route(usersApi.updateMe, (request) => updateMe(ctx, request, request.body), { limit: profileLimit }),
  route(usersApi.deleteMe, (request) => deleteMe(ctx, request, request.body), { limit: deletionLimit }),
  route(usersApi.exportMe, ({ actor }, { response }) => exportMe(ctx, actor, response), {
    limit: exportTryLimit,
  }),
  route(usersApi.putAvatar, ({ actor, body }) => putAvatar(ctx, actor, body), { limit: avatarLimit }),
  route(usersApi.deleteAvatar, ({ actor }) => deleteAvatar(ctx, actor), { limit: profileLimit }),
  route(usersApi.listBlocks, ({ actor, query }) => listBlocks(ctx, actor, query), { limit: searchLimit }),
  route(usersApi.block, ({ actor, params }) => blockPerson(ctx, actor, params.userId), {
    limit: profileLimit,
  }),
  route(usersApi.unblock, ({ actor, params }) => unblockPerson(ctx, actor, params.userId), {
    limit: profileLimit,
  }),
  route(usersApi.putDevice, ({ actor, params, body }) => putDevice(ctx, actor, { ...params, device: body }), {
    limit: profileLimit,
  }),
  route(usersApi.deleteDevice, ({ actor, params }) => deleteDevice(ctx, actor, params.deviceId), {
    limit: profileLimit,
  }),
  route(usersApi.searchUsers, ({ actor, query }) => searchUsers(ctx, actor, query), { limit: searchLimit }),
  route(usersApi.lookupUsers, ({ actor, body }) => lookupUsers(ctx, actor, body.ids), { limit: searchLimit }),
  route(usersApi.getUser, ({ actor, params }) => getUser(ctx, actor, params.userId), { limit: searchLimit }),
  route(usersApi.getAvatar, ({ actor, params, query }) => getAvatar(ctx, actor, { ...params, ...query }), {
    limit: pictureLimit,
  }),
]
