import type { Client } from '@finnigram/client'
import type { Message } from '@finnigram/contracts'
import { eventually } from '@finnigram/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { halfRows, hungRows, killedRows, stoppedRows } from './dependencies.ts'
import { networkRows } from './network.ts'
import { testOutages } from './outage-case.ts'
import { emptiedRow } from './redis-emptied.ts'
import { type RunningProduct, startRunningProduct } from './running-product.ts'

let product: RunningProduct

beforeAll(async () => {
  product = await startRunningProduct()
})
afterAll(async () => {
  await product?.[Symbol.asyncDispose]()
})

describe('something is stopped', () => testOutages(() => product, stoppedRows))
describe('something hangs', () => testOutages(() => product, [...hungRows, ...halfRows]))
describe('something is killed', () => testOutages(() => product, [...killedRows, emptiedRow]))
describe('the network is bad', () => testOutages(() => product, networkRows))

test('after all of it, both devices have every message once and in order, and so has the server', async () => {
  const { ada, grace, conversationId, told } = product
  const stored = await readAll(ada, conversationId)
  expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1))
  expect(stored.flatMap(({ text }) => (text?.startsWith('told ') ? text : []))).toEqual([...told])
  const idsInOrder = stored.map(({ id }) => id)
  for (const client of [ada, grace]) {
    const view = client.messages(conversationId)
    // What the last calls sent is still on its way.
    await eventually(async () => {
      while (view.snapshot().hasBefore) await view.loadBefore()
      while (view.snapshot().hasAfter) await view.loadAfter()
      expect(view.snapshot().items.map(({ id }) => id)).toEqual(idsInOrder)
    })
  }
})

/** All messages, as the server answers them. */
async function readAll({ api }: Client, conversationId: string): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const { items } = await api.listMessages(conversationId, { after: all.at(-1)?.seq ?? 0, limit: 100 })
    if (items.length === 0) return all
    all.push(...items)
  }
}
