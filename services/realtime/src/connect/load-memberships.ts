import { messagesApi } from '@finnigram/contracts'
import { type InternalClient, type Logger, pause } from '@finnigram/service-kit'
import { createMicroBatch } from '../micro-batch.ts'
import type { Membership } from './memberships.ts'

export type LoadMemberships = (userId: string) => Promise<readonly Membership[]>

/** Who comes alone is answered at once; of a crowd ten at a time cost hardly more than one. In milliseconds. */
const everyMs = 100
/** While the messages service is away, thousands of waiting sockets become a few questions a second. */
const restMs = 250

/** Asks the messages service for the conversations of people, many in one call; of people in very many, a few. The answer is never older than the question. */
export function createLoadMemberships({
  messages,
  log,
}: {
  messages: InternalClient
  log: Logger
}): LoadMemberships {
  let isAway = false

  const ask = async (userIds: string[]) => {
    try {
      const body = { userIds, mayBePartial: true }
      const { items } = await messages.call(messagesApi.internalMemberships, { body })
      if (isAway) log.info('Memberships can be loaded again')
      isAway = false
      return items
    } catch (error) {
      if (!isAway) log.warn('Memberships cannot be loaded, new sockets wait', { error })
      isAway = true
      await pause(restMs)
      throw error
    }
  }
  return createMicroBatch<string, readonly Membership[]>({
    maxSize: 200,
    maxInFlight: 2,
    everyMs,
    run: async (userIds) => {
      const byUser = new Map<string, readonly Membership[]>()
      for (let rest = [...new Set(userIds)]; rest.length > 0; ) {
        for (const { userId, conversations } of await ask(rest)) byUser.set(userId, conversations)
        const left = rest.filter((id) => !byUser.has(id))
        if (left.length === rest.length) throw new Error('Nobody was answered')
        rest = left
      }
      return userIds.map((userId) => byUser.get(userId) ?? [])
    },
  })
}
