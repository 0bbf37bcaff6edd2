import type { Me, SignedIn } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import type { Person, World } from './world.ts'

/** Tokens of this server: readable, and ended by hand. */
export class Sessions {
  readonly access = new Map<string, string>()
  readonly refresh = new Map<string, string>()
  readonly expired = new Set<string>()
  expiresIn = 900
  refreshes = 0
  #count = 0

  begin(user: Me): SignedIn {
    this.#count += 1
    const accessToken = `access-${this.#count}`
    const refreshToken = `refresh-${this.#count}`
    this.access.set(accessToken, user.id)
    this.refresh.set(refreshToken, user.id)
    return { user, accessToken, refreshToken, expiresIn: this.expiresIn }
  }

  renew(world: World, token: string): SignedIn {
    this.refreshes += 1
    const person = world.people.get(this.refresh.get(token) ?? '')
    if (!person) throw new Refusal('unauthenticated')
    this.refresh.delete(token)
    return this.begin(toMe(person))
  }

  endAll(): void {
    this.access.clear()
    this.refresh.clear()
  }
}

export const toMe = ({ password: _, changedAt: __, ...me }: Person): Me => me
