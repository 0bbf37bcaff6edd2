import type { Conversation, Problem } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newGroupLimit } from '../src/limits.ts'
import { setAddToGroups } from './fixture/set-add-to-groups.ts'
import { type Person, startTestMessages, type TestMessages } from './fixture/start-test-messages.ts'

let messages: TestMessages
beforeAll(async () => {
  // A tenth of the usual limits: 10 groups and 300 people a day.
  messages = await startTestMessages({ env: { RATE_LIMIT_SCALE: '0.1' } })
})
afterAll(() => messages[Symbol.asyncDispose]())

const create = (by: Person, userIds: string[]) =>
  by.call<Conversation & Problem>('POST /v1/conversations', { kind: 'group', title: 'Group', userIds })
const tooMany = { status: 429, body: { code: 'rate_limited' } }

test('groups per person and day are limited, with Retry-After', async () => {
  const maker = await messages.join()
  for (let i = 0; i < 9; i += 1) await messages.node.ctx.limits.consume(newGroupLimit, maker.id)
  expect((await create(maker, [])).status).toBe(201)
  const refused = await create(maker, [])
  expect(refused).toMatchObject(tooMany)
  // The limit per minute would give a shorter Retry-After.
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3600)
})

test('people added per day are limited; a smaller request may still fit', async () => {
  const maker = await messages.join()
  const people = (await messages.joinAll(290)).map(({ id }) => id)
  expect((await create(maker, people.slice(0, 200))).status).toBe(201)
  expect(await create(maker, people.slice(0, 150))).toMatchObject(tooMany)
  const group = await create(maker, people.slice(200))
  expect(group.status).toBe(201)
  const path = `POST /v1/conversations/${group.body.id}/participants`
  expect(await maker.call(path, { userIds: people.slice(0, 11) })).toMatchObject(tooMany)
  expect((await maker.call(path, { userIds: people.slice(0, 10) })).status).toBe(200)
})

test('invitations per person and day are limited', async () => {
  const [maker, shy] = [await messages.join(), await messages.join()]
  await setAddToGroups(messages, shy, 'nobody')
  const { pool } = messages.node.ctx
  await pool.query(
    `INSERT INTO group_invitations (conversation_id, user_id, invited_by)
SELECT gen_random_uuid(), gen_random_uuid(), $1 FROM generate_series(1, 100)`,
    [maker.id],
  )
  expect(await create(maker, [shy.id])).toMatchObject(tooMany)
  await pool.query(
    `UPDATE group_invitations SET created_at = now() - interval '25 hours' WHERE invited_by = $1`,
    [maker.id],
  )
  expect((await create(maker, [shy.id])).status).toBe(201)
})
