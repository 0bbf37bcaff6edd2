import { usersApi } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import { endOtherSessions } from '../auth/end-other-sessions.ts'
import { endSession } from '../auth/end-session.ts'
import { listSessions } from '../auth/list-sessions.ts'
import { login } from '../auth/login.ts'
import { logout } from '../auth/logout.ts'
import { refresh } from '../auth/refresh.ts'
import { register } from '../auth/register.ts'
import type { UsersContext } from '../context.ts'
import { publishKeys } from '../keys/publish-keys.ts'
import { loginLimits, profileLimit, refreshLimits, registerLimit } from '../limits.ts'
import { registration } from '../passwords/registration.ts'

/** Signing in and staying signed in. */
export const authRoutes = (ctx: UsersContext): Route[] => [
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
]
