import { Password, usersApi } from '@finnigram/contracts'
import { isCommonPassword } from './is-common-password.ts'

/** The contract of register with the list of common passwords, which only this service has: such a password is reported together with all other mistakes. */
export const registration = {
  ...usersApi.register,
  body: usersApi.register.body.extend({
    password: Password.refine(
      (password) => !isCommonPassword(password),
      'Too common: it is among the first to be tried',
    ),
  }),
}
