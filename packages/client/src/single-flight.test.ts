import { expect, test } from 'vitest'
import { createSingleFlight } from './single-flight.ts'

test('calls during a run share one more run after it', async () => {
  const single = createSingleFlight()
  const releases: (() => void)[] = []
  let runs = 0
  const work = async () => {
    runs += 1
    const run = runs
    await new Promise<void>((resolve) => releases.push(resolve))
    return run
  }
  const results = [single('a', work), single('a', work), single('a', work)]
  expect(runs).toBe(1)
  releases[0]?.()
  await expect.poll(() => runs).toBe(2)
  const late = single('a', work)
  releases[1]?.()
  await expect.poll(() => runs).toBe(3)
  releases[2]?.()
  expect(await Promise.all([...results, late])).toEqual([1, 2, 2, 3])
})

test('keys do not wait for each other, and a failure frees its key', async () => {
  const single = createSingleFlight()
  const failing = single('a', async () => {
    throw new Error('no')
  })
  expect(await single('b', async () => 'b')).toBe('b')
  await expect(failing).rejects.toThrow('no')
  expect(await single('a', async () => 'again')).toBe('again')
})
