import { EventEmitter } from 'node:events'
import { createMetrics } from '@finnigram/service-kit'
import { expect, test } from 'vitest'
import { createExportPlaces } from './create-export-places.ts'

class FakeAnswer extends EventEmitter {
  readonly socket = { bytesWritten: 0 }
  closed = false
  destroyed = false

  destroy() {
    this.destroyed = true
    this.emit('close')
  }
}

function open() {
  let time = 0
  const places = createExportPlaces({ metrics: createMetrics('test'), now: () => time })
  const answers = Array.from({ length: 4 }, () => new FakeAnswer())
  for (const answer of answers) places.take(answer)
  const pass = (seconds: number, kilobytes: readonly number[]) => {
    time += seconds * 1000
    for (const [i, answer] of answers.entries()) answer.socket.bytesWritten += (kilobytes[i] ?? 0) * 1024
  }
  return { places, answers, pass }
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
  const { places, answers } = open()
  answers[0]?.destroy()
  expect(() => places.take(new FakeAnswer())).not.toThrow()
})
