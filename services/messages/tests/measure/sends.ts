import { messagesApi, newId } from '@finnigram/contracts'
import { createInternalClient } from '@finnigram/service-kit'
import { type MessagesService, startMessages } from '../../src/service.ts'
import { readMeasureConfig } from './read-measure-config.ts'
import { report } from './report.ts'

/**
 * Measures the service in this process on the database and Redis given by DATABASE_URL and
 * REDIS_URL (use empty ones): sends a second through the batcher and through the internal route,
 * with latency and processor time.
 */
const people = 1000
const perGroup = 10
const texts = 200

const config = readMeasureConfig()
await using service = await startMessages(config)
const population = await populate(service)
await measureBatcher(service, { senders: 1, seconds: 3 })
await measureBatcher(service, { senders: 20, seconds: 3 })
await measureBatcher(service, { senders: 200, seconds: 5 })
await measureBatcher(service, { senders: 1000, seconds: 5 })
await measureInternal(service, { seconds: 5 })
process.exit(0)

interface Population {
  users: string[]
  groups: string[]
}

async function populate({ ctx }: MessagesService): Promise<Population> {
  const users = Array.from({ length: people }, newId)
  const groups = Array.from({ length: people / perGroup }, newId)
  await ctx.pool.query(
    `INSERT INTO conversations (id, kind, title, created_by, participant_count, version)
SELECT id, 'group', 'Group', $2, $3, 1 FROM unnest($1::uuid[]) AS g (id)`,
    [groups, users[0], perGroup],
  )
  await ctx.pool.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT ($1::uuid[])[1 + (place - 1) / $3::int], id, 'member', 0, 1 FROM unnest($2::uuid[]) WITH ORDINALITY AS u (id, place)`,
    [groups, users, perGroup],
  )
  return { users, groups }
}

function sendOf(i: number) {
  const user = i % people
  return {
    senderId: population.users[user] ?? '',
    conversationId: population.groups[Math.floor(user / perGroup)] ?? '',
    id: newId(),
    text: `${i} `.padEnd(texts, 'Lorem ipsum dolor sit amet '),
    requestId: undefined,
  }
}

interface Load {
  senders?: number
  seconds: number
}

/** Each sender sends the next as soon as the last is acknowledged. */
async function measureBatcher({ ctx }: MessagesService, { senders = 1, seconds }: Load): Promise<void> {
  const latencies: number[] = []
  const until = performance.now() + seconds * 1000
  const cpu = process.cpuUsage()
  await Promise.all(
    Array.from({ length: senders }, async (_, sender) => {
      for (let i = sender; performance.now() < until; i += senders) {
        const startedAt = performance.now()
        await ctx.sends.send(sendOf(i))
        latencies.push(performance.now() - startedAt)
      }
    }),
  )
  report(`batcher, ${senders} senders`, { latencies, seconds, cpu: process.cpuUsage(cpu) })
}

/** Calls of 50 sends each, as realtime nodes make them. */
async function measureInternal({ url }: MessagesService, { seconds }: Load): Promise<void> {
  const client = createInternalClient({ baseUrl: url, token: config.INTERNAL_TOKEN })
  const latencies: number[] = []
  const until = performance.now() + seconds * 1000
  const cpu = process.cpuUsage()
  await Promise.all(
    [0, 1, 2, 3].map(async (caller) => {
      for (let i = caller * 50; performance.now() < until; i += 200) {
        const startedAt = performance.now()
        const sends = Array.from({ length: 50 }, (_, n) => sendOf(i + n))
        const { results } = await client.call(messagesApi.internalSends, { body: { sends } })
        if (results.some(({ status }) => status !== 201)) throw new Error('Not stored')
        latencies.push(...sends.map(() => performance.now() - startedAt))
      }
    }),
  )
  report('internal route, 4 callers of 50', { latencies, seconds, cpu: process.cpuUsage(cpu) })
}
