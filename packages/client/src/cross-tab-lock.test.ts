import { describe, expect, test } from 'vitest'
import { createExclusive } from './cross-tab-lock.ts'

/** What a browser does that blocks all cookies. */
const refusing: LockManager = {
  request: () => Promise.reject(new DOMException('Access to the Locks API is denied', 'SecurityError')),
  query: () => Promise.reject(new DOMException('Access to the Locks API is denied', 'SecurityError')),
}

describe.each([
  ['with Web Locks', () => createExclusive()],
  ['without Web Locks', () => createExclusive(null)],
  ['with Web Locks that are refused', () => createExclusive(refusing)],
])('%s', (_, create) => {
  test('one at a time under a name, each name for itself', async () => {
    const exclusive = create()
    const order: string[] = []
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const first = exclusive('a', async () => {
      await held
      order.push('first')
    })
    const second = exclusive('a', async () => void order.push('second'))
    await exclusive('b', async () => void order.push('other name'))
    release()
    await Promise.all([first, second])
    expect(order).toEqual(['other name', 'first', 'second'])
  })

  test('a task that fails frees the name', async () => {
    const exclusive = create()
    const failing = exclusive('c', async () => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await exclusive('c', async () => 1)).toBe(1)
  })
})
