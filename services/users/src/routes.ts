import { usersApi } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import { endOtherSessions } from './auth/end-other-sessions.ts'
import { endSession } from './auth/end-session.ts'
import { listSessions } from './auth/list-sessions.ts'
import { login } from './auth/login.ts'
import { logout } from './auth/logout.ts'
import { refresh } from './auth/refresh.ts'
import { register } from './auth/register.ts'
import type { UsersContext } from './context.ts'
import { publishKeys } from './keys/publish-keys.ts'
import {
  deletionLimit,
  loginLimits,
  profileLimit,
  refreshLimits,
  registerLimit,
  searchLimit,
} from './limits.ts'
import { registration } from './passwords/registration.ts'
import { deleteMe } from './people/delete-me.ts'
import { getMe } from './people/get-me.ts'
import { getUser } from './people/get-user.ts'
import { lookupUsers } from './people/lookup-users.ts'
import { snapshotUsers } from './people/snapshot-users.ts'
import { updateMe } from './people/update-me.ts'
import { searchUsers } from './search/search-users.ts'

/** Every call this service answers: its contract, its limits, its use case. The first that matches serves, so `me` stands before `:userId`. */
export const routes = (ctx: UsersContext): Route[] => [
  route(registration, (request) => register(ctx, request, request.body), { limit: registerLimit }),
  route(usersApi.login, (request) => login(ctx, request, request.body), { limit: loginLimits }),
  route(usersApi.refresh, (request) => refresh(ctx, request, request.body.refreshToken), {
    limit: refreshLimits,
  }),
  route(usersApi.logout, ({ actor }) => logout(ctx, actor)),
  route(usersApi.listSessions, ({ actor }) => listSessions(ctx, actor), { limit: profileLimit }),
  route(usersApi.endSession, ({ actor, params }) => endSession(ctx, actor, params.sessionId), {
    limit: profileLimit,
  }),
  route(usersApi.endOtherSessions, ({ actor }) => endOtherSessions(ctx, actor), { limit: profileLimit }),
  route(usersApi.jwks, ({ setHeader }) => publishKeys(ctx, setHeader)),
  route(usersApi.getMe, ({ actor }) => getMe(ctx, actor)),
  route(usersApi.updateMe, ({ actor, body }) => updateMe(ctx, actor, body), { limit: profileLimit }),
  route(usersApi.deleteMe, ({ actor, body }) => deleteMe(ctx, actor, body), { limit: deletionLimit }),
  route(usersApi.searchUsers, ({ query }) => searchUsers(ctx, query), { limit: searchLimit }),
  route(usersApi.lookupUsers, ({ body }) => lookupUsers(ctx, body.ids), { limit: searchLimit }),
  route(usersApi.getUser, ({ params }) => getUser(ctx, params.userId), { limit: searchLimit }),
  route(usersApi.snapshotUsers, ({ query }) => snapshotUsers(ctx, query)),
]
