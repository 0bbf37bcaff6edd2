import { expect, test } from 'vitest'
import { type Admission, createAdmission } from './admission.ts'

function openDoor({ perSecond = 100, mostUnderWay = 50 } = {}) {
  const clock = { now: 1_000_000 }
  const admission = createAdmission({ perSecond, mostUnderWay, now: () => clock.now })
  return { clock, admission }
}

const askMany = (admission: Admission, count: number) => Array.from({ length: count }, () => admission.ask())
const admitted = (answers: ReturnType<Admission['ask']>[]) =>
  answers.filter(({ isAdmitted }) => isAdmitted).length
const delays = (answers: ReturnType<Admission['ask']>[]) =>
  answers.flatMap((answer) => (answer.isAdmitted ? [] : answer.retryAfterMs))

test('a quarter of a second’s worth may come at once, then as many as the rate allows', () => {
  const { clock, admission } = openDoor()
  expect(admitted(askMany(admission, 500))).toBe(25)
  clock.now += 100
  expect(admitted(askMany(admission, 500))).toBe(10)
  clock.now += 60_000
  expect(admitted(askMany(admission, 500))).toBe(25)
})

test('each who is turned away is told another moment, one after the other, at somewhat less than the rate', () => {
  const { admission } = openDoor()
  const told = delays(askMany(admission, 1025))
  expect(told).toHaveLength(1000)
  expect(new Set(told).size).toBe(1000)
  expect(told.at(-1)).toBeCloseTo(13_583, -2)
})

test('those who come back at their moments are all let in', () => {
  const { clock, admission } = openDoor()
  const start = clock.now
  const waiting = delays(askMany(admission, 525)).map((delay) => start + delay)
  let letIn = 0
  for (const moment of waiting) {
    clock.now = moment
    letIn += admitted([admission.ask()])
  }
  expect(letIn).toBe(500)
})

test('while too many are joining nobody is let in, whatever the rate', () => {
  const { clock, admission } = openDoor({ mostUnderWay: 2 })
  admission.joining()
  admission.joining()
  expect(admission.ask().isAdmitted).toBe(false)
  clock.now += 1000
  expect(admission.ask().isAdmitted).toBe(false)
  admission.joined()
  expect(admission.underWay).toBe(1)
  expect(admission.ask().isAdmitted).toBe(true)
})
