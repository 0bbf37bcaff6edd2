import { newId } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { expect, test } from 'vitest'
import { fillGroups } from './fixture/fill-groups.ts'
import { startTestMessages } from './fixture/start-test-messages.ts'

test('while an account with 3,000 groups ends, blocks of others apply within seconds', async () => {
  await using messages = await startTestMessages()
  const [ada, bob, ...others] = await messages.joinAll(12)
  if (!ada || !bob) throw new Error('Nobody came')
  const chats = await Promise.all(others.map((other) => messages.direct(bob, other)))
  await fillGroups(messages, { owner: ada, member: bob, count: 3000 })
  const left = async () => {
    const { rows } = await messages.node.ctx.pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM participants WHERE user_id = $1 AND left_version IS NULL',
      [ada.id],
    )
    return rows[0]?.count ?? 0
  }
  await messages.usersService.deleteUser(ada.id, 2)
  const tookMs: number[] = []
  for (const [i, other] of others.entries()) {
    const startedAt = performance.now()
    await messages.usersService.block(other.id, bob.id)
    await eventually(
      async () => {
        const body = { id: newId(), text: 'Hello?' }
        const path = `POST /v1/conversations/${chats[i]?.id}/messages`
        expect((await bob.call(path, body)).status).toBe(403)
      },
      { within: 3000 },
    )
    tookMs.push(Math.round(performance.now() - startedAt))
  }
  expect(await left()).toBeGreaterThan(1000)
  await eventually(async () => expect(await left()).toBe(0), { within: 240_000 })
  expect(Math.max(...tookMs)).toBeLessThan(3000)
}, 300_000)
