import type { ErrorCode } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'

/** The unique indexes of `users`, and what to say when they refuse a row. */
const taken: Readonly<Record<string, ErrorCode>> = {
  users_username_key: 'username_taken',
  users_username_looks_key: 'username_taken',
  users_proven_email_key: 'email_taken',
}
const uniqueViolation = '23505'

/** Rethrows what a write to `users` threw; a username or address that somebody has becomes `username_taken` or `email_taken`. */
export function refuseTaken(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === uniqueViolation && 'constraint' in error) {
    const code = taken[String(error.constraint)]
    if (code) throw new AppError(code, { cause: error })
  }
  throw error
}
