import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { printProgress } from './progress.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function progress() {
  const lines: string[] = []
  return { lines, ...printProgress((text) => lines.push(text.trimEnd()), false) }
}

test('a quick step is one line', async () => {
  const { lines, step } = progress()
  expect(await step('Redis', async () => 'done')).toBe('done')
  expect(lines).toEqual(['  ✓ Redis  0.0 s'])
})

test('a long step says that it is under way, and every ten seconds what it is at', async () => {
  const { lines, step } = progress()
  const building = step('Web app', async (detail) => {
    detail('Bundling 80 %')
    await new Promise((resolve) => setTimeout(resolve, 21_000))
  })
  await vi.advanceTimersByTimeAsync(21_000)
  await building
  expect(lines).toEqual([
    '  … Web app  Bundling 80 %  0.7 s',
    '  … Web app  Bundling 80 %  10.0 s',
    '  … Web app  Bundling 80 %  20.0 s',
    '  ✓ Web app  21.0 s',
  ])
})

test('a step that fails is marked and fails', async () => {
  const { lines, step } = progress()
  await expect(step('PostgreSQL', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(lines).toEqual(['  ✗ PostgreSQL  0.0 s'])
})
