import { createMetrics } from '@finnigram/service-kit'
import { expect, test } from 'vitest'
import { createExportPlaces } from './export-slots.ts'

class FakeAnswer {
  readonly socket = { bytesWritten: 0 }
  destroyed = false

  destroy() {
    this.destroyed = true
  }
}

function open() {
  let time = 0
  const places = createExportPlaces({ metrics: createMetrics('test'), now: () => time })
  const answers = Array.from({ length: 4 }, () => new FakeAnswer())
  const taken = answers.map((answer) => places.take(answer))
  const pass = (seconds: number, kilobytes: readonly number[]) => {
    time += seconds * 1000
    for (const [i, answer] of answers.entries()) answer.socket.bytesWritten += (kilobytes[i] ?? 0) * 1024
  }
  return { places, answers, taken, pass }
}

test('four slow readers hold nobody up: the slowest makes room', () => {
  const { places, answers, pass } = open()
  pass(60, [100, 20, 300, 400])
  places.take(new FakeAnswer())

  expect(answers.map(({ destroyed }) => destroyed)).toEqual([false, true, false, false])
})

test('who reads fast, or has only just begun, keeps their place', () => {
  const fast = open()
  fast.pass(60, [20_000, 20_000, 20_000, 20_000])
  expect(() => fast.places.take(new FakeAnswer())).toThrow(expect.objectContaining({ code: 'unavailable' }))
  const young = open()
  young.pass(5, [0, 0, 0, 0])
  expect(() => young.places.take(new FakeAnswer())).toThrow(expect.objectContaining({ code: 'unavailable' }))
})

test('a place is free when its answer is over', () => {
  const { places, taken } = open()
  taken[0]?.[Symbol.dispose]()
  expect(() => places.take(new FakeAnswer())).not.toThrow()
})
