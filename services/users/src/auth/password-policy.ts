import { Password, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type pg from 'pg'
import { isCommonPassword } from './is-common-password.ts'

/** Shortest word that is looked for; shorter ones occur in many good passwords. */
const shortestWord = 4
/** Letters and digits that must be left without these words: more than a year has. */
const leastRest = 5

/**
 * Whether a password is little more than words an attacker knows: the product's name, or parts of
 * the person's names and address (OWASP ASVS 5, 6.2.11).
 */
export function isPersonalPassword(password: string, names: readonly (string | null | undefined)[]): boolean {
  const whole = fold(password)
  const words = ['finnigram', ...names.flatMap((name) => wordsOf(name ?? ''))]
  let rest = whole
  for (const word of words.toSorted((a, b) => b.length - a.length)) rest = rest.replaceAll(word, '')
  return rest.length < whole.length && [...onlyLetters(rest)].length < leastRest
}

/** A name as a whole, and its parts. */
function wordsOf(name: string): string[] {
  const folded = fold(name)
  return [onlyLetters(folded), folded, ...folded.split(/[^\p{L}\p{N}]+/u)].filter(
    (word) => word.length >= shortestWord,
  )
}

const fold = (text: string) => text.normalize('NFKC').toLowerCase()
const onlyLetters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')

const tooPersonal = 'Too easy to guess: it is little more than your own name'

/** Throws `validation_failed` for a password that is little more than the person's own names. */
export async function requireImpersonalPassword(
  db: pg.Pool | pg.PoolClient,
  userId: string,
  newPassword: string,
): Promise<void> {
  const { rows } = await db.query<{ username: string; displayName: string; email: string | null }>(
    'SELECT username, display_name AS "displayName", email FROM users WHERE id = $1',
    [userId],
  )
  const names = rows.flatMap(({ username, displayName, email }) => [username, displayName, email])
  if (!isPersonalPassword(newPassword, names)) return
  throw new AppError('validation_failed', { errors: [{ path: 'body.newPassword', message: tooPersonal }] })
}

/**
 * The contracts with the password policy. Only this service has the list of common passwords, so it
 * extends the contracts: a bad password is reported together with all other mistakes.
 */
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
