import type { Message } from '@finnigram/contracts'
import { plainMessage } from '@finnigram/contracts/testing'
import { describe, expect, test } from 'vitest'
import { messageKey, messagesOf, type Store } from '../src/replica/store.ts'

const conversationId = '0196f0aa-0000-7000-8000-000000000001'
const other = '0196f0aa-0000-7000-8000-000000000002'

/** What every store must do; each runs it. */
export function describeStore(name: string, create: () => Store): void {
  describe(name, () => {
    test('keeps what was written, for each person apart, until it is destroyed', async () => {
      const store = create()
      const ada = await store.open('ada')
      const grace = await store.open('grace')
      await ada.write([{ op: 'put', table: 'meta', key: 'name', value: 'ada' }])
      expect(await ada.get('meta', 'name')).toBe('ada')
      expect(await grace.get('meta', 'name')).toBeUndefined()
      await ada.close()

      const again = await store.open('ada')
      expect(await again.get('meta', 'name')).toBe('ada')
      await store.destroy('ada')
      await again.close()
      expect(await (await store.open('ada')).get('meta', 'name')).toBeUndefined()
      await grace.close()
    })

    test('destroying does not wait for another tab that has it open', async () => {
      const store = create()
      const tab = await store.open('ada')
      await tab.write([{ op: 'put', table: 'meta', key: 'name', value: 'ada' }])
      await store.destroy('ada')
      expect(await tab.get('meta', 'name')).toBeUndefined()
      await tab.close()
    })

    test('reads ranges in key order, from either end', async () => {
      const database = await create().open('ada')
      const seqs = [2, 10, 1, 9, 100]
      await database.write([...seqs.map((seq) => put(message(conversationId, seq))), put(message(other, 5))])
      const read = async (range: object) => (await database.range('messages', range)).map(({ seq }) => seq)

      expect(await read(messagesOf(conversationId))).toEqual([1, 2, 9, 10, 100])
      expect(await read({ ...messagesOf(conversationId), reverse: true, limit: 2 })).toEqual([100, 10])
      expect(await read({ from: messageKey(conversationId, 2), to: messageKey(conversationId, 9) })).toEqual([
        2, 9,
      ])
      expect(await read({ from: messageKey(conversationId, 10), limit: 3 })).toEqual([10, 100, 5])
      expect(await read({ to: messageKey(conversationId, 2) })).toEqual([1, 2])
      await database.close()
    })

    test('writes all changes of a batch, in order', async () => {
      const database = await create().open('ada')
      await database.write([1, 2, 3].map((seq) => put(message(conversationId, seq))))
      await database.write([
        { op: 'deleteRange', table: 'messages', ...messagesOf(conversationId) },
        put(message(conversationId, 3)),
        { op: 'put', table: 'meta', key: 'a', value: 1 },
        { op: 'delete', table: 'meta', key: 'a' },
      ])
      expect((await database.range('messages')).map(({ seq }) => seq)).toEqual([3])
      expect(await database.get('meta', 'a')).toBeUndefined()
      await database.close()
    })

    test('keeps the newer of two versions of a row', async () => {
      const database = await create().open('ada')
      await database.write([put(message(conversationId, 1, 7))])
      await database.write([put(message(conversationId, 1, 5))])
      expect((await database.range('messages')).map(({ version }) => version)).toEqual([7])
      await database.write([put(message(conversationId, 1, 7, 'again')), put(message(conversationId, 2, 1))])
      expect((await database.range('messages')).map(({ text }) => text)).toEqual(['again', ''])
      await database.close()
    })
  })
}

const put = (value: Message) =>
  ({
    op: 'put',
    table: 'messages',
    key: messageKey(value.conversationId, value.seq),
    value,
    version: value.version,
  }) as const

const message = (id: string, seq: number, version = seq, text = '') =>
  plainMessage({ id: `${id}-${seq}`, conversationId: id, seq, version, senderId: other, text })
