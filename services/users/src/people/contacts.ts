import { messagesApi } from '@finnigram/contracts'
import type { InternalClient, Logger } from '@finnigram/service-kit'

/** Who is whose contact, as the messages service knows it from direct conversations. */
export interface Contacts {
  /** Of these people, those whose contact the person is: nobody, while that cannot be learned. At most 500. */
  contactOf(userId: string, of: readonly string[]): Promise<ReadonlySet<string>>
}

/** A profile is shown without it rather than late. */
const patienceMs = 500
/** After it failed once, it is not asked for this long. */
const restMs = 2000
/** Who has become a contact is one a minute later at the latest; nobody ceases to be one. */
const keptMs = 60_000
const mostKept = 50_000

interface Answer {
  isContact: boolean
  until: number
}

export function createContacts({ messages, log }: { messages: InternalClient; log: Logger }): Contacts {
  const answers = new Map<string, Answer>()
  let restUntil = 0

  const known = (key: string) => {
    const answer = answers.get(key)
    return answer && answer.until > performance.now() ? answer.isContact : undefined
  }
  const learn = async (userId: string, of: readonly string[]) => {
    if (of.length === 0 || performance.now() < restUntil) return
    try {
      const body = { userId, of: [...of] }
      const { userIds } = await messages.call(messagesApi.lookupContacts, { body, timeoutMs: patienceMs })
      const found = new Set(userIds)
      const until = performance.now() + keptMs
      for (const id of of) keep(answers, keyOf(userId, id), { isContact: found.has(id), until })
    } catch (error) {
      restUntil = performance.now() + restMs
      log.warn('Whose contact somebody is could not be asked', { error })
    }
  }
  return {
    async contactOf(userId, of) {
      await learn(
        userId,
        of.filter((id) => known(keyOf(userId, id)) === undefined),
      )
      return new Set(of.filter((id) => known(keyOf(userId, id))))
    },
  }
}

const keyOf = (userId: string, of: string) => `${userId} ${of}`

function keep(answers: Map<string, Answer>, key: string, answer: Answer): void {
  answers.delete(key)
  answers.set(key, answer)
  if (answers.size <= mostKept) return
  const oldest = answers.keys().next().value
  if (oldest !== undefined) answers.delete(oldest)
}
