import { newId } from '@finnigram/contracts'
import { eventually, expectLog } from '@finnigram/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { claimJob } from '../src/jobs/job-queue.ts'
import { endAccountJob, enqueueAccountEndings } from '../src/people/end-account.ts'
import { fillGroups } from './fixture/fill-groups.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  messages = await startTestMessages()
})
afterAll(() => messages[Symbol.asyncDispose]())

const pool = () => messages.node.ctx.pool
const groupsOf = async ({ id }: Person) => {
  const { rows } = await pool().query<{ count: number }>(
    'SELECT count(*)::int AS count FROM participants WHERE user_id = $1 AND left_version IS NULL',
    [id],
  )
  return rows[0]?.count
}
const jobsOf = async ({ id }: Person) =>
  (
    await pool().query<{ id: string; reason: string | null; attempts: number; parked_at: Date | null }>(
      'SELECT id, reason, attempts, parked_at FROM jobs WHERE kind = $1 AND subject = $2',
      [endAccountJob, id],
    )
  ).rows

test('a long job delays neither block events nor jobs of smaller accounts', async () => {
  const [ada, bob, carol, dave] = await messages.joinAll(4)
  if (!ada || !bob || !carol || !dave) throw new Error('Nobody came')
  const chat = await messages.direct(bob, carol)
  const seen = await messages.group(ada, [bob])
  await fillGroups(messages, { owner: ada, member: bob, count: 150 })
  await fillGroups(messages, { owner: dave, member: bob, count: 2 })

  await messages.usersService.deleteUser(ada.id, 2)
  await messages.usersService.deleteUser(dave.id, 2)
  await messages.usersService.block(carol.id, bob.id)
  await eventually(async () => {
    const body = { id: newId(), text: 'Hello?' }
    const sent = await bob.call(`POST /v1/conversations/${chat.id}/messages`, body)
    expect(sent.status).toBe(403)
    const { participants } = await bob.chat(seen.id)
    const names = participants.map(({ user }) => user.displayName)
    if (participants.length === 2) expect(names).toContain('Deleted account')
  })
  expect(await groupsOf(ada)).toBeGreaterThan(50)
  await eventually(async () => expect(await groupsOf(dave)).toBe(0))
  expect(await groupsOf(ada)).toBeGreaterThan(0)
  await eventually(async () => expect(await jobsOf(ada)).toEqual([]), { within: 60_000 })
  expect(await groupsOf(ada)).toBe(0)
}, 90_000)

test('another node continues the job of a dead node after its lease', async () => {
  const [ada, bob] = await messages.joinAll(2)
  if (!ada || !bob) throw new Error('Nobody came')
  await fillGroups(messages, { owner: ada, member: bob, count: 30 })
  const client = await pool().connect()
  // Enqueued and claimed in one transaction, before any real node; then the claim is abandoned.
  await client.query('BEGIN')
  await enqueueAccountEndings(client, [ada.id])
  expect(await claimJob(client)).toMatchObject({ subject: ada.id, attempts: 1, place: null })
  await client.query('COMMIT')
  client.release()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await groupsOf(ada)).toBe(30)

  await pool().query('UPDATE jobs SET due_at = now() WHERE subject = $1', [ada.id])
  await eventually(async () => expect(await jobsOf(ada)).toEqual([]), { within: 15_000 })
  expect(await groupsOf(ada)).toBe(0)
})

test('a failing job is parked with its reason, delays no other, and can be retried', async () => {
  const [ada, bob] = await messages.joinAll(2)
  if (!ada || !bob) throw new Error('Nobody came')
  expectLog(/A job is parked/)
  const cursed = await messages.group(ada, [bob])
  await fillGroups(messages, { owner: ada, member: bob, count: 5 })
  await pool().query(`CREATE FUNCTION curse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.conversation_id = '${cursed.id}' AND NEW.left_version IS NOT NULL THEN RAISE 'This group is cursed'; END IF; RETURN NEW; END $$;
CREATE TRIGGER curse BEFORE UPDATE ON participants FOR EACH ROW EXECUTE FUNCTION curse()`)
  await messages.usersService.deleteUser(ada.id, 2)
  await eventually(
    async () => {
      // Not while a node holds the lease, which is longer than any backoff.
      await pool().query(
        `UPDATE jobs SET due_at = now(), attempts = greatest(attempts, 6) WHERE subject = $1 AND parked_at IS NULL AND due_at < now() + interval '90 seconds'`,
        [ada.id],
      )
      const [job] = await jobsOf(ada)
      expect(job).toMatchObject({ attempts: 8, parked_at: expect.any(Date) })
      expect(job?.reason).toContain('This group is cursed')
    },
    { within: 30_000 },
  )
  expect(await groupsOf(ada)).toBe(1)

  await pool().query('DROP TRIGGER curse ON participants')
  await pool().query('UPDATE jobs SET parked_at = NULL, attempts = 0, due_at = now() WHERE subject = $1', [
    ada.id,
  ])
  await eventually(async () => expect(await jobsOf(ada)).toEqual([]), { within: 15_000 })
  expect(await groupsOf(ada)).toBe(0)
}, 60_000)

test('metrics show waiting and parked jobs, and outcomes', async () => {
  const text = await messages.node.ctx.metrics.registry.metrics()
  expect(text).toMatch(/jobs_waiting\{kind="account.end",service="messages"\} \d/)
  expect(text).toMatch(/jobs_parked\{kind="account.end"/)
  expect(text).toMatch(/jobs_oldest_seconds\{kind="account.end"/)
  expect(text).toMatch(/job_pieces_total\{kind="account.end",outcome="(continued|done)"/)
})
