import { createMetrics } from '@finnigram/service-kit'
import { expect, test } from 'vitest'
import { createExportSlots } from './export-slots.ts'

class FakeResponse {
  readonly socket = { bytesWritten: 0 }
  destroyed = false

  destroy() {
    this.destroyed = true
  }
}

function open() {
  let time = 0
  const slots = createExportSlots({ metrics: createMetrics('test'), now: () => time })
  const responses = Array.from({ length: 4 }, () => new FakeResponse())
  const acquired = responses.map((response) => slots.acquire(response))
  const pass = (seconds: number, kilobytes: readonly number[]) => {
    time += seconds * 1000
    for (const [i, response] of responses.entries())
      response.socket.bytesWritten += (kilobytes[i] ?? 0) * 1024
  }
  return { slots, responses, acquired, pass }
}

test('the slowest of four slow readers is cut off for another one', () => {
  const { slots, responses, pass } = open()
  pass(60, [100, 20, 300, 400])
  slots.acquire(new FakeResponse())

  expect(responses.map(({ destroyed }) => destroyed)).toEqual([false, true, false, false])
})

test('a fast reader, or one that has just started, keeps its slot', () => {
  const fast = open()
  fast.pass(60, [20_000, 20_000, 20_000, 20_000])
  expect(() => fast.slots.acquire(new FakeResponse())).toThrow(
    expect.objectContaining({ code: 'unavailable' }),
  )
  const young = open()
  young.pass(5, [0, 0, 0, 0])
  expect(() => young.slots.acquire(new FakeResponse())).toThrow(
    expect.objectContaining({ code: 'unavailable' }),
  )
})

test('a slot is free when its response has ended', () => {
  const { slots, acquired } = open()
  acquired[0]?.[Symbol.dispose]()
  expect(() => slots.acquire(new FakeResponse())).not.toThrow()
})
