import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { createIndexedDbStore } from '../src/replica/indexed-db-store.ts'
import { createMemoryStore } from '../src/replica/memory-store.ts'
import { describeStore } from './describe-store.ts'

let stores = 0

describeStore('the memory store', createMemoryStore)
describeStore('the IndexedDB store', () => {
  stores += 1
  return createIndexedDbStore(`test-${stores}`)
})

test('a batch that cannot be stored changes nothing', async () => {
  const database = await createIndexedDbStore('whole').open('ada')
  await database.write([{ op: 'put', table: 'meta', key: 'a', value: 1 }])
  const impossible = () => undefined
  const writing = database.write([
    { op: 'put', table: 'meta', key: 'a', value: 2 },
    { op: 'put', table: 'meta', key: 'b', value: impossible },
  ])
  await expect(writing).rejects.toThrow()
  expect(await database.get('meta', 'a')).toBe(1)
  await database.close()
})
