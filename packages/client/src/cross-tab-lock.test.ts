import { describe, expect, test } from 'vitest'
import { createCrossTabLock } from './cross-tab-lock.ts'

/** What a browser does that blocks all cookies. */
const refusing: LockManager = {
  request: () => Promise.reject(new DOMException('Access to the Locks API is denied', 'SecurityError')),
  query: () => Promise.reject(new DOMException('Access to the Locks API is denied', 'SecurityError')),
}

describe.each([
  ['with Web Locks', () => createCrossTabLock()],
  ['without Web Locks', () => createCrossTabLock(null)],
  ['with Web Locks that are refused', () => createCrossTabLock(refusing)],
])('%s', (_, create) => {
  test('one at a time under a name, each name for itself', async () => {
    const crossTabLock = create()
    const order: string[] = []
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const first = crossTabLock('a', async () => {
      await held
      order.push('first')
    })
    const second = crossTabLock('a', async () => void order.push('second'))
    await crossTabLock('b', async () => void order.push('other name'))
    release()
    await Promise.all([first, second])
    expect(order).toEqual(['other name', 'first', 'second'])
  })

  test('a task that fails frees the name', async () => {
    const crossTabLock = create()
    const failing = crossTabLock('c', async () => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await crossTabLock('c', async () => 1)).toBe(1)
  })
})
