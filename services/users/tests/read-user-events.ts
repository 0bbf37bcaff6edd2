import { streamName, type UserEventData, userEventData } from '@finnigram/contracts'
import { Redis } from 'ioredis'
import type { TestUsers } from './start-test-users.ts'

export interface ReadUserEvent {
  type: string
  key: string
  payload: UserEventData[keyof UserEventData]
  requestId: string | undefined
}

/** All events that reached the stream so far, each checked against the contract. */
export async function readUserEvents({ redis }: Pick<TestUsers, 'redis'>): Promise<ReadUserEvent[]> {
  const client = new Redis(redis.url)
  try {
    const entries = await client.xrange(streamName('users', 0), '-', '+')
    return entries.map(([, fields]) => toEvent(fields))
  } finally {
    client.disconnect()
  }
}

function toEvent(fields: string[]): ReadUserEvent {
  const entry = new Map<string, string>()
  for (let i = 0; i < fields.length; i += 2) entry.set(fields[i] ?? '', fields[i + 1] ?? '')
  const type = entry.get('type') ?? ''
  const schema = Object.entries(userEventData).find(([known]) => known === type)?.[1]
  if (!schema) throw new Error(`The contract has no event ${type}`)
  return {
    type,
    key: entry.get('key') ?? '',
    payload: schema.parse(JSON.parse(entry.get('payload') ?? '')),
    requestId: entry.get('requestId'),
  }
}
