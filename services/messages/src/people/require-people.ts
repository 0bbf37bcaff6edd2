import type { PublicUser } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { People } from './find-people.ts'

/** More mistakes than this are not listed. */
const listed = 100

/** Checks that everyone named in a body's `userIds` has an account. Throws `validation_failed` with the path of each who has not. */
export function requirePeople(people: Pick<People, 'has'>, userIds: readonly string[]): void {
  const errors = userIds.flatMap((id, i) =>
    people.has(id) ? [] : { path: `body.userIds.${i}`, message: 'There is no such person' },
  )
  if (errors.length > 0) throw new AppError('validation_failed', { errors: errors.slice(0, listed) })
}

/** The profile of the caller, who exists, as the token says. Throws `unavailable` when the copy of the profiles has not heard of them yet. */
export function requireSelf(people: People, userId: string): PublicUser {
  const self = people.get(userId)
  if (!self)
    throw new AppError('unavailable', { detail: 'Your account is not known here yet', retryAfter: 1 })
  return self
}
