import { usersApi } from '@finnigram/contracts'
import { parkedRoutes, type Route, route } from '@finnigram/service-kit'
import { listActivity } from './audit/list-activity.ts'
import { changePassword } from './auth/change-password.ts'
import { listEndedSessions } from './auth/ended-sessions.ts'
import { login } from './auth/login.ts'
import { endOtherSessions, endSession, listSessions, logout } from './auth/manage-sessions.ts'
import { passwordChange, passwordReset, registration } from './auth/password-policy.ts'
import { refresh } from './auth/refresh.ts'
import { register } from './auth/register.ts'
import { forgotPassword, resetPassword } from './auth/reset-password.ts'
import { reauthenticate } from './auth/step-up.ts'
import { confirmTotp, endTotp, startTotp } from './auth/totp-enrollment.ts'
import { resendVerification, verifyEmail } from './auth/verify-email.ts'
import type { UsersContext } from './context.ts'
import { deletePushDevices, getPushDevice, listPushDevices } from './devices/push-devices.ts'
import { deleteDevice, putDevice } from './devices/put-device.ts'
import { loadVapidKeys } from './devices/vapid-keys.ts'
import { exportMe } from './export/export-me.ts'
import { publishKeys } from './keys/key-ring.ts'
import {
  avatarLimit,
  deletionLimit,
  exportTryLimit,
  forgotLimits,
  loginLimits,
  mailedTokenLimit,
  passwordLimit,
  pictureLimit,
  profileLimit,
  refreshLimits,
  registerLimit,
  resendLimits,
  searchLimit,
  totpLimit,
} from './limits.ts'
import { deleteAvatar, getAvatar, putAvatar } from './people/avatars.ts'
import { blockPerson, listBlocks, unblockPerson } from './people/blocks.ts'
import { deleteAccount } from './people/delete-account.ts'
import { getMe, getUser, lookupUsers } from './people/get-users.ts'
import { lookupPresence } from './people/last-seen-visibility.ts'
import { searchUsers } from './people/search-users.ts'
import { snapshotBlocks, snapshotUsers } from './people/snapshots.ts'
import { updateMe } from './people/update-me.ts'

/** Every call this service answers: its contract, its limits, its use case. */
export const routes = (ctx: UsersContext): Route[] => [
  ...authRoutes(ctx),
  ...peopleRoutes(ctx),
  ...internalRoutes(ctx),
]

/** Signing in and staying signed in. */
const authRoutes = (ctx: UsersContext): Route[] => [
  route(registration, (request) => register(ctx, request, request.body), { limit: registerLimit }),
  route(usersApi.login, (request) => login(ctx, request, request.body), { limit: loginLimits }),
  route(usersApi.refresh, (request) => refresh(ctx, request, request.body.refreshToken), {
    limit: refreshLimits,
  }),
  route(usersApi.logout, (request) => logout(ctx, request)),
  route(usersApi.listSessions, ({ actor }) => listSessions(ctx, actor), { limit: profileLimit }),
  route(usersApi.endSession, (request) => endSession(ctx, request, request.params.sessionId), {
    limit: profileLimit,
  }),
  route(usersApi.endOtherSessions, (request) => endOtherSessions(ctx, request), { limit: profileLimit }),
  route(usersApi.listActivity, ({ actor, query }) => listActivity(ctx, actor, query), {
    limit: profileLimit,
  }),
  route(usersApi.jwks, ({ setHeader }) => publishKeys(ctx, setHeader)),
  ...credentialRoutes(ctx),
]

/** What one signs in with. */
const credentialRoutes = (ctx: UsersContext): Route[] => [
  route(passwordChange, (request) => changePassword(ctx, request, request.body), { limit: passwordLimit }),
  route(usersApi.forgotPassword, (request) => forgotPassword(ctx, request, request.body.email), {
    limit: forgotLimits,
  }),
  route(passwordReset, (request) => resetPassword(ctx, request, request.body), { limit: mailedTokenLimit }),
  route(usersApi.verifyEmail, (request) => verifyEmail(ctx, request, request.body.token), {
    limit: mailedTokenLimit,
  }),
  route(usersApi.reauthenticate, (request) => reauthenticate(ctx, request, request.body), {
    limit: totpLimit,
  }),
  route(usersApi.resendVerification, ({ actor }) => resendVerification(ctx, actor), { limit: resendLimits }),
  route(usersApi.startTotp, (request) => startTotp(ctx, request, request.body ?? {}), {
    limit: totpLimit,
  }),
  route(usersApi.confirmTotp, (request) => confirmTotp(ctx, request, request.body.code), {
    limit: totpLimit,
  }),
  route(usersApi.endTotp, (request) => endTotp(ctx, request, request.body ?? {}), { limit: totpLimit }),
]

/** Profiles and finding people. The first that matches serves, so `me` stands before `:userId`. */
const peopleRoutes = (ctx: UsersContext): Route[] => [
  route(usersApi.getMe, ({ actor }) => getMe(ctx, actor)),
  route(usersApi.updateMe, (request) => updateMe(ctx, request, request.body), { limit: profileLimit }),
  route(usersApi.deleteMe, (request) => deleteAccount(ctx, request, request.body), { limit: deletionLimit }),
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

/** What other services ask. */
const internalRoutes = (ctx: UsersContext): Route[] => [
  route(usersApi.snapshotUsers, ({ query }) => snapshotUsers(ctx, query)),
  route(usersApi.listEndedSessions, async () => ({ sessionIds: await listEndedSessions(ctx.pool) })),
  route(usersApi.snapshotBlocks, ({ query }) => snapshotBlocks(ctx, query)),
  route(usersApi.lookupPresence, ({ body }) => lookupPresence(ctx, body)),
  route(usersApi.listPushDevices, ({ body }) => listPushDevices(ctx, body.userIds)),
  route(usersApi.getPushDevice, ({ params }) => getPushDevice(ctx, params)),
  route(usersApi.forgetPushDevices, ({ body }) => deletePushDevices(ctx, body.targetKeys)),
  route(usersApi.getPushKeys, () => loadVapidKeys(ctx)),
  ...parkedRoutes(() => ctx.parked),
]
