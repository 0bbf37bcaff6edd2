import { messagesApi } from '@finnigram/contracts'
import type { InternalClient } from '@finnigram/service-kit'
import { createMicroBatch } from '../micro-batch.ts'
import type { Membership } from './settle-memberships.ts'

export type LoadMemberships = (userId: string) => Promise<readonly Membership[]>

/** Asks the messages service for the conversations of people, many in one call. The answer is never older than the question. */
export function createLoadMemberships(messages: InternalClient): LoadMemberships {
  return createMicroBatch<string, readonly Membership[]>({
    maxSize: 200,
    maxInFlight: 2,
    run: async (userIds) => {
      const body = { userIds: [...new Set(userIds)] }
      const { items } = await messages.call(messagesApi.internalMemberships, { body })
      const byUser = new Map(items.map(({ userId, conversations }) => [userId, conversations]))
      return userIds.map((userId) => byUser.get(userId) ?? [])
    },
  })
}
