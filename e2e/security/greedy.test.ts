import {
  type GreedyProduct,
  judgeKind,
  type KindName,
  looseBars,
  runKind,
  startProduct,
  tableOf,
} from '@finnigram/bench'
import { afterAll, beforeAll, expect, test } from 'vitest'

const durations = { calm: 0, greedy: 3, after: 10, atLeastAfter: 1.5 }

let product: GreedyProduct
beforeAll(async () => {
  product = await startProduct({
    quietPeople: 10,
    strangers: 0,
    warmUpSeconds: 1,
    calmSeconds: 3,
    // Places that are there at once would last for as long as a test.
    settings: { CONNECTIONS_AT_ONCE: '50' },
  })
})
afterAll(async () => {
  await product?.[Symbol.asyncDispose]()
})

/** The two that once hurt most; `npm run test:long` tries all nineteen. */
test.each<[greed: string, kind: KindName]>([
  ['sends the longest texts without end', 'texts'],
  ['begins chunks and never ends them', 'half-sent'],
])('who %s keeps nobody else waiting, and costs no server its memory', async (_, kind) => {
  const result = await runKind(product, kind, durations)
  const faults = judgeKind(result, looseBars)
  process.stdout.write(`${tableOf([{ result, faults }])}\n`)
  expect(faults).toEqual([])
})
