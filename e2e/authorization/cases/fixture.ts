import type { Question, Reply } from '../../src/ask.ts'
import type { Actor } from '../actors.ts'
import type { Environment } from '../environment/environment.ts'
import type { Person } from '../environment/person.ts'
import type { PrivateGroup } from '../environment/private-group.ts'
import type { Outcome } from '../expectations/outcomes.ts'

/** One try of one actor. */
export interface Scene {
  environment: Environment
  actor: Actor
  me: Person
  /** Somebody else in the group: the owner, and for the owner the admin. */
  someone: Person
  /**
   * The group; one of its own where the try is expected to change it, which asks the invited one
   * only where that is the actor, or told to.
   */
  group(options?: { isAsking?: boolean }): Promise<PrivateGroup>
  /**
   * Somebody new in the place of `me`, signed in if `me` is: for what an account or session does
   * not survive.
   */
  spare(): Promise<Person>
  /** `me` on another device, if `me` can still sign in. */
  spareSession(): Promise<Person>
}

/** What is asked, on top of the route's method and path. */
export interface Asked extends Omit<Question, 'token'> {
  params?: Record<string, string>
  /** Who asks, where that is not `me`. */
  as?: Person
  /** What a success says beyond its status. */
  read?: (reply: Reply) => Outcome
}

export type Ask = (fixture: Scene) => Asked | Promise<Asked>

/** By the thing that is tried: `own`, `others`, `missing`, and what else a route tells apart. */
export type Things = Readonly<Record<string, Ask>>
