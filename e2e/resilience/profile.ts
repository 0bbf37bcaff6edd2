import type { Conversation } from '@finnigram/contracts'
import { expect, vi } from 'vitest'
import { ask } from '../src/ask.ts'
import type { RunningProduct } from './running-product.ts'

let changes = 0
const newestName = () => `Ada, called otherwise ${changes}`

/** Ada takes another name, which messages cannot hear of now. */
export async function takeAnotherName({ cluster, session }: RunningProduct): Promise<void> {
  changes += 1
  const { status } = await ask(cluster.url, 'PATCH /v1/users/me', {
    token: session.accessToken,
    body: { displayName: newestName() },
  })
  expect(status).toBe(200)
}

/** Messages has heard of it. */
export async function seeOtherName({ cluster, session, conversationId }: RunningProduct): Promise<void> {
  const shown = async () => {
    const { body } = await ask(cluster.url, `GET /v1/conversations/${conversationId}`, {
      token: session.accessToken,
    })
    const { participants } = body as Conversation
    return participants.find(({ userId }) => userId === session.user.id)?.user.displayName
  }
  await vi.waitUntil(async () => (await shown()) === newestName(), { timeout: 30_000 })
}
