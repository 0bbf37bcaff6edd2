import type { ErrorCode } from '@finnigram/contracts'
import type { Actor } from '../actors.ts'

/** A status of success, the code of the problem, or what a case itself reads in the reply. */
export type Outcome = number | ErrorCode | 'ok' | 'removed'
/** What each actor gets. */
export type Cells = Record<Actor, Outcome>

const signedOut = {
  anonymous: 'unauthenticated',
  deleted: 'unauthenticated',
  revoked: 'unauthenticated',
} as const satisfies Partial<Cells>

const outsiders = {
  ...signedOut,
  stranger: 'not_found',
  blocked: 'not_found',
  blocker: 'not_found',
  former: 'not_found',
  invited: 'not_found',
} as const satisfies Partial<Cells>

/** Whoever asks, signed in or not. */
export const everybody = (outcome: Outcome): Cells => ({
  anonymous: outcome,
  deleted: outcome,
  revoked: outcome,
  ...people(outcome),
})

/** Whoever is signed in. */
export const anyone = (outcome: Outcome): Cells => ({ ...signedOut, ...people(outcome) })

const people = (outcome: Outcome) => ({
  stranger: outcome,
  blocked: outcome,
  blocker: outcome,
  former: outcome,
  invited: outcome,
  participant: outcome,
  admin: outcome,
  owner: outcome,
})

/** It is there for nobody. */
export const nobody = anyone('not_found')

/** Who takes part; for all others there is no such thing. */
export const insiders = (outcome: Outcome): Cells => ({
  ...outsiders,
  participant: outcome,
  admin: outcome,
  owner: outcome,
})

/** Who takes part, and who is asked to. */
export const insidersAndInvited = (outcome: Outcome): Cells => ({ ...insiders(outcome), invited: outcome })

/** Owners and admins; who only takes part sees the thing and may not. */
export const managers = (outcome: Outcome): Cells => ({ ...insiders(outcome), participant: 'forbidden' })

/** Owners alone. */
export const owners = (outcome: Outcome): Cells => ({ ...managers(outcome), admin: 'forbidden' })

/** People on neither side of a block; for the two sides the other is not there. */
export const unblocked = (outcome: Outcome): Cells => ({
  ...anyone(outcome),
  blocked: 'not_found',
  blocker: 'not_found',
})

/**
 * What somebody wrote in the group: their own for who never took part (a note to self), gone for
 * who did.
 */
export const authors = (outcome: Outcome): Cells => ({ ...anyone(outcome), former: 'not_found' })

/** Whoever holds a link, but for who was removed from where it leads. */
export const holders = (cells: Cells): Cells => ({ ...cells, former: 'removed_from_group' })

/** Who would come in anew; who takes part already is shown the group. */
export const newcomers = (outcome: Outcome): Cells => ({ ...insiders(200), ...outsidersGet(outcome) })

const outsidersGet = (outcome: Outcome) => ({
  stranger: outcome,
  blocked: outcome,
  blocker: outcome,
  former: outcome,
  invited: outcome,
})
