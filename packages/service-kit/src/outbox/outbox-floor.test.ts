import { expect, test } from 'vitest'
import { createOutboxFloor } from './outbox-floor.ts'

const survey = (
  lastId: number,
  { first, running, next }: { first?: number; running: number; next: number },
) => ({
  partitions: [],
  count: 0,
  oldestSeconds: 0,
  firstId: first === undefined ? null : String(first),
  lastId: String(lastId),
  oldestRunning: String(running),
  nextTransaction: String(next),
})

test('the floor rises to an id once every transaction has ended that could still commit one below', () => {
  const floor = createOutboxFloor()
  floor.note(survey(10, { running: 100, next: 105 }))
  floor.note(survey(20, { running: 104, next: 110 }))
  expect(floor.id).toBe(0n)
  floor.note(survey(30, { running: 109, next: 120 }))
  expect(floor.id).toBe(0n)
  floor.note(survey(40, { running: 110, next: 130 }))
  expect(floor.id).toBe(10n)
})

test('rows that wait hold the floor below them', () => {
  const floor = createOutboxFloor()
  for (const _ of [1, 2]) floor.note(survey(10, { first: 4, running: 100, next: 100 }))
  floor.note(survey(10, { first: 4, running: 101, next: 101 }))
  expect(floor.id).toBe(3n)
})

test('sometimes the whole table is surveyed, and a row below the floor lowers it', () => {
  const floor = createOutboxFloor()
  for (const _ of [1, 2, 3]) floor.note(survey(10, { running: 100, next: 100 }))
  expect(floor.id).toBe(10n)
  const starts = Array.from({ length: 60 }, () => floor.nextSurveyFrom())
  expect(starts.filter((from) => from === 0n)).toHaveLength(1)
  floor.note(survey(12, { first: 7, running: 100, next: 100 }))
  expect(floor.id).toBe(6n)
})
