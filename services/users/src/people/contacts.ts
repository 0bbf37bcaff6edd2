import { messagesApi } from '@finnigram/contracts'
import type { WithLog, WithMessages } from '../deps.ts'

/** Who is a contact of whom. The messages service knows it from direct conversations. */
export interface Contacts {
  /**
   * Of these users (at most 500), those whose contact `userId` is. Nobody while messages is
   * unavailable.
   */
  contactOf(userId: string, of: readonly string[]): Promise<ReadonlySet<string>>
}

export interface WithContacts {
  readonly contacts: Contacts
}

/** Profiles do not wait longer for it. */
const patienceMs = 500
/** Pause after a failure (circuit breaker). */
const pauseMs = 2000
/** How long an answer is cached. A new contact shows within this time; nobody ceases to be one. */
const keptMs = 60_000
const mostKept = 50_000

interface CachedAnswer {
  isContact: boolean
  until: number
}

export function createContacts({ messages, log }: WithMessages & WithLog): Contacts {
  const answers = new Map<string, CachedAnswer>()
  let pausedUntil = 0

  const cached = (key: string) => {
    const answer = answers.get(key)
    return answer && answer.until > performance.now() ? answer.isContact : undefined
  }
  const fetchMissing = async (userId: string, of: readonly string[]) => {
    if (of.length === 0 || performance.now() < pausedUntil) return
    try {
      const body = { userId, of: [...of] }
      const { userIds } = await messages.call(messagesApi.lookupContacts, { body, timeoutMs: patienceMs })
      const found = new Set(userIds)
      const until = performance.now() + keptMs
      for (const id of of) cache(answers, keyOf(userId, id), { isContact: found.has(id), until })
    } catch (error) {
      pausedUntil = performance.now() + pauseMs
      log.warn('Contacts could not be looked up', { error })
    }
  }
  return {
    async contactOf(userId, of) {
      await fetchMissing(
        userId,
        of.filter((id) => cached(keyOf(userId, id)) === undefined),
      )
      return new Set(of.filter((id) => cached(keyOf(userId, id))))
    },
  }
}

const keyOf = (userId: string, of: string) => `${userId} ${of}`

function cache(answers: Map<string, CachedAnswer>, key: string, answer: CachedAnswer): void {
  answers.delete(key)
  answers.set(key, answer)
  if (answers.size <= mostKept) return
  const oldest = answers.keys().next().value
  if (oldest !== undefined) answers.delete(oldest)
}
