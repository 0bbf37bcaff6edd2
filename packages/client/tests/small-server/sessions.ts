import type { Me, SignedIn } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import type { Person, ServerState } from './server-state.ts'

/** Tokens of this server: readable, and ended by hand. */
export class Sessions {
  readonly access = new Map<string, string>()
  readonly refresh = new Map<string, string>()
  readonly expired = new Set<string>()
  expiresIn = 900
  refreshes = 0
  #count = 0

  readonly #families = new Map<string, string>()

  begin(user: Me, family?: string): SignedIn {
    this.#count += 1
    const accessToken = `access-${this.#count}`
    const refreshToken = `refresh-${this.#count}`
    this.access.set(accessToken, user.id)
    this.refresh.set(refreshToken, user.id)
    for (const token of [accessToken, refreshToken]) this.#families.set(token, family ?? refreshToken)
    return { user, accessToken, refreshToken, expiresIn: this.expiresIn }
  }

  renew(serverState: ServerState, token: string): SignedIn {
    this.refreshes += 1
    const person = serverState.people.get(this.refresh.get(token) ?? '')
    if (!person) {
      // A token that was replaced comes again: somebody else may have it.
      this.end(token)
      throw new Refusal('unauthenticated')
    }
    this.refresh.delete(token)
    return this.begin(toMe(person), this.#families.get(token))
  }

  /** Ends the session that `token` belongs to. */
  end(token: string): void {
    const family = this.#families.get(token)
    if (family === undefined) return
    for (const tokens of [this.access, this.refresh]) {
      for (const each of tokens.keys()) if (this.#families.get(each) === family) tokens.delete(each)
    }
  }

  endAll(): void {
    this.access.clear()
    this.refresh.clear()
  }
}

export const toMe = ({ password: _, changedAt: __, ...me }: Person): Me => me
