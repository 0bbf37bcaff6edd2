import { expect, test } from 'vitest'
import { makePlan } from './make-plan.ts'
import { actionKinds } from './plan.ts'

const options = { seed: 1, seconds: 120, people: 24, rate: 20 }

test('the same seed makes the same plan, another one another', () => {
  expect(makePlan(options)).toEqual(makePlan(options))
  expect(makePlan({ ...options, seed: 2 }).actions).not.toEqual(makePlan(options).actions)
})

test('a plan has about as many sends a second as asked for, and everything that people do', () => {
  const { actions, devices } = makePlan(options)
  const sends = actions.filter(({ kind }) =>
    ['send', 'reply', 'mention', 'forward', 'call', 'batch'].includes(kind),
  )
  expect(sends.length / 120).toBeGreaterThan(15)
  expect(sends.length / 120).toBeLessThan(25)
  expect(new Set(actions.map(({ kind }) => kind))).toEqual(new Set(actionKinds))
  expect(devices.length).toBe(40)
})

test('texts have numbers of their own, in the order of time', () => {
  const { actions } = makePlan(options)
  expect(new Set(actions.map(({ number }) => number)).size).toBe(actions.length)
  expect(actions).toEqual([...actions].sort((a, b) => a.at - b.at))
})

test('a device has one fault at a time, and some are left off until the end', () => {
  const { deviceFaults } = makePlan(options)
  const kinds = new Set(deviceFaults.map(({ kind }) => kind))
  expect(kinds.size).toBe(7)
  expect(deviceFaults.filter(({ forMs }) => forMs === Number.MAX_SAFE_INTEGER).length).toBe(5)
})
