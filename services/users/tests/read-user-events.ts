import { streamName, type UserEventData, userEventData } from '@finnigram/contracts'
import { createLogger, openRedis } from '@finnigram/service-kit'
import type { TestUsers } from './start-test-users.ts'

export interface ReadUserEvent {
  type: string
  key: string
  payload: UserEventData[keyof UserEventData]
  requestId: string | undefined
}

/** All events that reached the stream so far, each checked against the contract. */
export async function readUserEvents({ redis }: Pick<TestUsers, 'redis'>): Promise<ReadUserEvent[]> {
  const log = createLogger({ service: 'test', nodeId: 'test' })
  await using link = openRedis({ url: redis.url, name: 'test', log })
  await link.whenUp(2000)
  const entries = await link.commands.xrange(streamName('users', 0), '-', '+')
  return entries.map(([, fields]) => toEvent(fields))
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
