import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networkRows } from './network.ts'
import { halfRows, hungRows, killedRows, stoppedRows } from './parts.ts'
import { emptiedRow } from './redis-emptied.ts'
import { testRows } from './row.ts'
import { type Stage, startStage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
})

describe('something is stopped', () => testRows(() => stage, stoppedRows))
describe('something hangs', () => testRows(() => stage, [...hungRows, ...halfRows]))
describe('something is killed', () => testRows(() => stage, [...killedRows, emptiedRow]))
describe('the network is bad', () => testRows(() => stage, networkRows))

test('after all of it, both devices have every message once and in order, and so has the server', async () => {
  const { ada, grace, conversationId, told } = stage
  const expected = [...told]
  for (const client of [ada, grace]) {
    const view = client.messages(conversationId)
    while (view.snapshot().hasBefore) await view.loadBefore()
    const texts = view.snapshot().items.map(({ text }) => text)
    expect(texts.filter((text) => text?.startsWith('told '))).toEqual(expected)
    const seqs = view.snapshot().items.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => index + 1))
  }
})
