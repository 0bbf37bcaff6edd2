import type { authCases } from '../cases/auth.ts'
import type { Expectations } from './expectations.ts'
import { anyone, everybody } from './outcomes.ts'

/** Signing in, sessions, factors. */
export const authExpectations: Expectations<typeof authCases> = {
  register: {
    // The name of a deleted account is free again.
    own: { ...everybody('username_taken'), deleted: 201 },
    others: everybody('username_taken'),
    missing: everybody(201),
  },
  login: {
    own: { ...everybody(200), deleted: 'invalid_credentials' },
    others: everybody('invalid_credentials'),
    missing: everybody('invalid_credentials'),
  },
  refresh: {
    own: { ...everybody(200), deleted: 'unauthenticated', revoked: 'unauthenticated' },
    others: everybody('unauthenticated'),
    missing: everybody('unauthenticated'),
  },
  logout: { own: anyone(204) },
  listSessions: { own: anyone(200) },
  endSession: { own: anyone(204), others: anyone('not_found'), missing: anyone('not_found') },
  endOtherSessions: { own: anyone(204) },
  jwks: { own: everybody(200) },
  changePassword: { own: anyone(204), others: anyone('invalid_credentials') },
  forgotPassword: { own: everybody(202), others: everybody(202), missing: everybody(202) },
  resetPassword: {
    own: { ...everybody(204), deleted: 'gone' },
    others: everybody('gone'),
    missing: everybody('gone'),
  },
  verifyEmail: {
    own: { ...everybody(204), deleted: 'gone' },
    others: everybody('gone'),
    missing: everybody('gone'),
  },
  resendVerification: { own: anyone(202) },
  reauthenticate: {
    own: anyone(204),
    others: anyone('invalid_credentials'),
    tokenOnly: anyone('reauthentication_required'),
  },
  startTotp: {
    own: anyone(200),
    others: anyone('invalid_credentials'),
    tokenOnly: anyone('reauthentication_required'),
  },
  confirmTotp: { own: anyone(200), others: anyone('invalid_credentials'), missing: anyone('conflict') },
  endTotp: {
    own: anyone(204),
    others: anyone('invalid_credentials'),
    tokenOnly: anyone('reauthentication_required'),
  },
  listActivity: { own: anyone(200) },
}
