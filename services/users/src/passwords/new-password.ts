import { Password, usersApi } from '@finnigram/contracts'
import { isCommonPassword } from '../auth/is-common-password.ts'
import { isPersonalPassword } from '../auth/password-policy.ts'
import { tooPersonal } from './refuse-personal-password.ts'

/** A password somebody chooses. The list of common ones is only in this service, so its contracts are extended here: such a password is reported together with all other mistakes. */
const NewPassword = Password.refine(
  (password) => !isCommonPassword(password),
  'Too common: it is among the first to be tried',
)

export const registration = {
  ...usersApi.register,
  body: usersApi.register.body
    .extend({ password: NewPassword })
    .refine(
      ({ password, username, displayName, email }) =>
        !isPersonalPassword(password, [username, displayName, email]),
      { path: ['password'], error: tooPersonal },
    ),
}

export const passwordChange = {
  ...usersApi.changePassword,
  body: usersApi.changePassword.body.extend({ newPassword: NewPassword }),
}

export const passwordReset = {
  ...usersApi.resetPassword,
  body: usersApi.resetPassword.body.extend({ newPassword: NewPassword }),
}
