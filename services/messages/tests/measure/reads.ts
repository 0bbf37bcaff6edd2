import { newId } from '@finnigram/contracts'
import { type JsonText, pause } from '@finnigram/service-kit'
import { getConversation } from '../../src/conversations/get-conversation.ts'
import { listConversations } from '../../src/conversations/list-conversations.ts'
import { listMessages } from '../../src/history/list-messages.ts'
import { startMessages } from '../../src/service.ts'
import { sync } from '../../src/sync/sync.ts'
import { readMeasureConfig } from './read-measure-config.ts'
import { report } from './report.ts'

/**
 * Measures what a device asks for, one call at a time, for somebody in 500 groups of 10 with 100
 * messages each, on empty databases.
 */
const groups = Array.from({ length: 500 }, newId)
const people = Array.from({ length: 200 }, newId)
const perGroup = 10
const messages = 100

await using service = await startMessages(readMeasureConfig())
const { ctx } = service
const actor = { userId: people[0] ?? '', sessionId: newId(), expiresAt: Number.POSITIVE_INFINITY }
const conversationId = groups[0] ?? ''
await populate()
await searchRests()

const behind = new Map(groups.map((id, i) => [id, 1 + messages - (i % 25 === 0 ? 5 : 0)]))
const known = Object.fromEntries(behind)
const { text } = await sync(ctx, actor, { known })
const since = /"cursor":"([^"]+)"/.exec(text)?.[1]
await measure('sync, 20 of 500 changed', () => sync(ctx, actor, { known }), 200)
await measure('sync, 20 of 500 changed, with markers', () => sync(ctx, actor, { known, since }), 200)
await measure('sync, all 500 unknown', () => sync(ctx, actor, { known: {} }), 20)
await measure('page of 50', () => listMessages(ctx, actor, { conversationId, limit: 50, before: 80 }), 1000)
await measure('list of 50', () => listConversations(ctx, actor, { limit: 50 }), 200)
await measure('one conversation', () => getConversation(ctx, actor, conversationId), 500)
process.exit(0)

async function measure(name: string, work: () => Promise<JsonText | object>, times: number): Promise<void> {
  for (let i = 0; i < 10; i += 1) await work()
  const latencies: number[] = []
  const cpu = process.cpuUsage()
  const beganAt = performance.now()
  for (let i = 0; i < times; i += 1) {
    const startedAt = performance.now()
    await work()
    latencies.push(performance.now() - startedAt)
  }
  report(name, { latencies, seconds: (performance.now() - beganAt) / 1000, cpu: process.cpuUsage(cpu) })
}

/** Making messages findable is work beside the reads that are measured. */
async function searchRests(): Promise<void> {
  for (let isBusy = true; isBusy; ) {
    await pause(200)
    const { rows } = await ctx.pool.query('SELECT FROM search_queue LIMIT 1')
    isBusy = rows.length > 0
  }
}

async function populate(): Promise<void> {
  const profile = { username: 'someone', displayName: 'Some One', bio: '', avatarUrl: null, lastSeenAt: null }
  const createdAt = new Date().toISOString()
  const profiles = people.map((id) => JSON.stringify({ id, ...profile, createdAt }))
  await ctx.pool.query(
    'INSERT INTO users_replica (id, profile, version) SELECT id, profile::jsonb, 1 FROM unnest($1::uuid[], $2::text[]) AS u (id, profile)',
    [people, profiles],
  )
  await ctx.pool.query(
    `INSERT INTO conversations (id, kind, title, created_by, participant_count, version)
SELECT id, 'group', 'Group', $2, $3, 1 FROM unnest($1::uuid[]) AS g (id)`,
    [groups, actor.userId, perGroup],
  )
  const members = groups.flatMap((group, i) =>
    Array.from({ length: perGroup }, (_, n) => [
      group,
      n === 0 ? actor.userId : people[1 + ((i * 7 + n) % 199)],
    ]),
  )
  await ctx.pool.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version, marker_at)
SELECT conversation_id, user_id, 'member', 0, 1, now() - interval '1 hour' FROM unnest($1::uuid[], $2::uuid[]) AS m (conversation_id, user_id)`,
    [members.map(([group]) => group), members.map(([, person]) => person)],
  )
  for (let n = 0; n < messages; n += 1) {
    const text = `${n} `.padEnd(200, 'Lorem ipsum dolor sit amet ')
    const sends = groups.map((id) => ({ conversationId: id, senderId: actor.userId, id: newId(), text }))
    await Promise.all(sends.map((send) => ctx.sends.send({ ...send, requestId: undefined })))
  }
}
