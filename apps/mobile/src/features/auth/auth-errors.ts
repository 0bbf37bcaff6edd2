import { ApiProblem } from '@finnigram/client'
import type { PlainText } from '../../i18n/en.ts'

export type AuthField = 'username' | 'displayName' | 'password'
/** What is wrong with each field, as keys of the catalogue or as the server's own sentence. */
export type AuthErrors = Partial<Record<AuthField, PlainText | { said: string }>>

export const authFields: readonly AuthField[] = ['username', 'displayName', 'password']

/** What can be seen to be wrong before the server is asked. */
export function checkRegister(values: Record<AuthField, string>): AuthErrors {
  const errors: AuthErrors = {}
  const username = values.username.normalize('NFKC').trim().toLowerCase()
  if (username === '') errors.username = 'needUsername'
  else if (!/^[a-z0-9_.]*$/.test(username)) errors.username = 'badUsername'
  else if (username.length < 3) errors.username = 'shortUsername'
  if (values.displayName.trim() === '') errors.displayName = 'needDisplayName'
  if (values.password.length < 8) errors.password = 'shortPassword'
  return errors
}

export function checkSignIn(values: Record<'username' | 'password', string>): AuthErrors {
  return {
    ...(values.username.trim() === '' ? { username: 'needUsername' } : {}),
    ...(values.password === '' ? { password: 'needPassword' } : {}),
  }
}

/** The server's complaints, each beside the field it is about. */
export function errorsFromServer(error: unknown): AuthErrors {
  if (!(error instanceof ApiProblem)) return {}
  if (error.code === 'username_taken') return { username: 'problemUsernameTaken' }
  const errors: AuthErrors = {}
  for (const { path, message } of error.errors) {
    const last = path.split('.').at(-1)
    const field = authFields.find((name) => name === (last === 'identifier' ? 'username' : last))
    if (field !== undefined && errors[field] === undefined) errors[field] = { said: message }
  }
  return errors
}
