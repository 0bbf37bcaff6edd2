import { ApiProblem } from '@finnigram/client'
import { isEmailAddress, normalizeEmail } from '@finnigram/text'
import type { PlainText } from '../../i18n/en.ts'

export type AuthField = 'username' | 'displayName' | 'email' | 'password' | 'code'
export type AuthValues = Record<AuthField, string>
/** The error of each field: a key of the catalogue, or the server's message. */
export type AuthErrors = Partial<Record<AuthField, PlainText | { message: string }>>

export const authFields: readonly AuthField[] = ['username', 'displayName', 'email', 'password', 'code']

/** Validates before the server is asked. */
export function checkRegister(
  values: Pick<AuthValues, 'username' | 'displayName' | 'email' | 'password'>,
): AuthErrors {
  const errors: AuthErrors = {}
  const username = values.username.normalize('NFKC').trim().toLowerCase()
  if (username === '') errors.username = 'needUsername'
  else if (!/^[a-z0-9_.]*$/.test(username)) errors.username = 'badUsername'
  else if (username.length < 3) errors.username = 'shortUsername'
  if (values.displayName.trim() === '') errors.displayName = 'needDisplayName'
  if (values.email.trim() !== '') Object.assign(errors, checkEmail(values))
  if (values.password.length < 8) errors.password = 'shortPassword'
  return errors
}

/** Same rule as the server. Only the server knows whether an address receives mail. */
export function checkEmail({ email }: Pick<AuthValues, 'email'>): AuthErrors {
  if (email.trim() === '') return { email: 'needEmail' }
  return isEmailAddress(normalizeEmail(email)) ? {} : { email: 'badEmail' }
}

export const checkNewPassword = ({ password }: Pick<AuthValues, 'password'>): AuthErrors =>
  password.length < 8 ? { password: 'shortPassword' } : {}

export function checkSignIn(values: Record<'username' | 'password', string>): AuthErrors {
  return {
    ...(values.username.trim() === '' ? { username: 'needUsername' } : {}),
    ...(values.password === '' ? { password: 'needPassword' } : {}),
  }
}

/** Server names of fields that are named otherwise here. */
const fieldNames: Readonly<Record<string, AuthField>> = {
  identifier: 'username',
  newPassword: 'password',
  totp: 'code',
}

/** Errors for a password or code that the server refused. */
const wrongCredentials: AuthErrors = { password: 'wrongPassword', code: 'problemCode' }

/** Maps the server's validation errors to fields. */
export function errorsFromServer(error: unknown): AuthErrors {
  if (!(error instanceof ApiProblem)) return {}
  if (error.code === 'username_taken') return { username: 'problemUsernameTaken' }
  if (error.code === 'email_taken') return { email: 'problemEmailTaken' }
  const errors: AuthErrors = {}
  const isProof = error.code === 'invalid_credentials'
  for (const { path, message } of error.errors) {
    const last = path.split('.').at(-1)
    const field = authFields.find((name) => name === (fieldNames[last ?? ''] ?? last))
    if (field === undefined || errors[field] !== undefined) continue
    errors[field] = (isProof ? wrongCredentials[field] : undefined) ?? { message }
  }
  return errors
}
