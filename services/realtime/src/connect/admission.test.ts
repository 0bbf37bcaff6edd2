import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createAddressAdmission } from './address-admission.ts'
import { createAdmission } from './admission.ts'

function open({ perSecond = 80, mostUnderWay = 500 } = {}) {
  const clock = { now: 1_000_000 }
  const admission = createAdmission({ perSecond, atOnce: 500, mostUnderWay, now: () => clock.now })
  const pass = (ms: number) => {
    clock.now += ms
  }
  /** Who is let in of so many who come evenly within a second. */
  const admittedInASecond = (count: number) => {
    let admitted = 0
    for (let i = 0; i < count; i += 1) {
      pass(1000 / count)
      if (admission.admit() === null) admitted += 1
    }
    return admitted
  }
  return { admission, pass, admittedInASecond }
}

test('while too many connections are joining none is admitted, whatever the rate', () => {
  const { admission, pass } = open({ mostUnderWay: 2 })
  const [first] = [admission.joining(), admission.joining()]
  expect(admission.admit()).toBeGreaterThan(0)
  pass(500)
  expect(admission.admit()).toBeGreaterThan(0)
  first?.()
  expect(admission.underWay).toBe(1)
  expect(admission.admit()).toBe(null)
})

test('while a join takes long, no connection is admitted', () => {
  const { admission, pass } = open()
  const joined = admission.joining()
  pass(900)
  expect(admission.admit()).toBe(null)
  pass(200)
  expect(admission.admit()).toBeGreaterThan(0)
  joined()
  pass(100)
  expect(admission.admit()).toBe(null)
})

test('slow joins halve the rate, down to an eighth; quick ones bring it back', () => {
  const { admission, pass, admittedInASecond } = open()
  const joined = admission.joining()
  for (const _ of Array(10)) {
    pass(1001)
    expect(admission.admit()).toBeGreaterThan(0)
  }
  joined()
  expect(admittedInASecond(400)).toBeLessThanOrEqual(12)

  for (const _ of Array(100)) admission.joining()()
  expect(admittedInASecond(400)).toBeGreaterThan(75)
})

test('a client of a seldom address is admitted while others use up the bucket', () => {
  const { admission } = open()
  while (admission.admit() === null);
  expect(admission.admit()).toBeGreaterThan(0)
  expect(admission.admit({ isSeldom: true })).toBe(null)
})

test('an address is seldom for its first twenty sockets of a minute, whatever others do', () => {
  const request = new IncomingMessage(new Socket())
  const address = { now: '10.1.1.1' }
  const addressOf = () => address.now
  const addressAdmission = createAddressAdmission({ addressOf, scale: 1, atOnce: 500, onRefused: () => {} })
  const seldom = Array.from({ length: 40 }, () => addressAdmission.isSeldom(request))
  expect(seldom.lastIndexOf(true)).toBe(19)
  address.now = '10.2.2.2'
  expect(addressAdmission.isSeldom(request)).toBe(true)
})
