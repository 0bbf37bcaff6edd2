import { usersApi } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import { listActivity } from '../audit/list-activity.ts'
import { changePassword } from '../auth/change-password.ts'
import { endOtherSessions } from '../auth/end-other-sessions.ts'
import { forgotPassword } from '../auth/forgot-password.ts'
import { listSessions } from '../auth/list-sessions.ts'
import { login } from '../auth/login.ts'
import { logout } from '../auth/logout.ts'
import { endSession } from '../auth/manage-sessions.ts'
import { reauthenticate } from '../auth/reauthenticate.ts'
import { refresh } from '../auth/refresh.ts'
import { register } from '../auth/register.ts'
import { resendVerification } from '../auth/resend-verification.ts'
import { resetPassword } from '../auth/reset-password.ts'
import { startTotp } from '../auth/totp-enrollment.ts'
import { verifyEmail } from '../auth/verify-email.ts'
import type { UsersContext } from '../context.ts'
import { publishKeys } from '../keys/publish-keys.ts'
import {
  forgotLimits,
  loginLimits,
  mailedTokenLimit,
  passwordLimit,
  profileLimit,
  refreshLimits,
  registerLimit,
  resendLimits,
  totpLimit,
} from '../limits.ts'
import { passwordChange, passwordReset, registration } from '../passwords/new-password.ts'
import { confirmTotp } from '../totp/confirm-totp.ts'
import { endTotp } from '../totp/end-totp.ts'

/** Signing in and staying signed in. */
export const authRoutes = (ctx: UsersContext): Route[] => [
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
