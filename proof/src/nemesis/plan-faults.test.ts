import { expect, test } from 'vitest'
import { linkNames, type Target } from '../cluster/cluster.ts'
import { nameFault } from './fault.ts'
import { faultKinds } from './fault-kinds.ts'
import { planFaults } from './plan-faults.ts'

const targets: Target[] = [
  ...(['users', 'messages', 'realtime'] as const).flatMap((part) => [0, 1].map((index) => ({ part, index }))),
  { part: 'users-postgres' },
  { part: 'messages-postgres' },
  { part: 'redis' },
]
const plan = (seed: number, forMs = 60_000) => planFaults({ seed, forMs, targets })

test('the same seed makes the same schedule, another seed another', () => {
  expect(plan(1)).toEqual(plan(1))
  expect(plan(1)).not.toEqual(plan(2))
})

test('a schedule is plain data, in order of time, and begins nothing after its end', () => {
  const schedule = plan(3)
  expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule)
  const times = schedule.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((one, other) => one - other))
  expect(times.every((atMs) => atMs >= 0 && atMs < 60_000)).toBe(true)
})

test('a minute has a dozen faults, and ten minutes have every kind of them', () => {
  for (const seed of [1, 2, 3, 4, 5]) expect(plan(seed).length).toBeGreaterThanOrEqual(12)
  expect(plan(1, 600_000).length).toBeGreaterThan(Object.keys(faultKinds).length * 3)
})

test('in the long run everything goes wrong that is to, with every part and on every way', () => {
  const names = new Set(
    plan(1, 7_200_000).map(({ fault }) => {
      if (fault.kind === 'kill') return `${fault.signal} ${fault.target.part}`
      if (fault.kind === 'freeze') return `SIGSTOP ${fault.target.part}`
      if (fault.kind === 'disturb') return `${Object.keys(fault.disturbance)} ${fault.link}`
      return fault.kind === 'cut' ? `cut ${fault.link}` : fault.kind
    }),
  )
  const services = ['users', 'messages', 'realtime']
  const databases = ['users-postgres', 'messages-postgres']
  const ways = linkNames.filter((name) => name !== 'push')
  const weathers = ['cut', 'delayMs', 'bytesPerSecond', 'sliceBytes', 'isSilent', 'isClosed', 'losesAnswers']
  const each = (first: string[], second: string[]) =>
    first.flatMap((one) => second.map((other) => `${one} ${other}`))
  expect([...names].toSorted()).toEqual(
    [
      ...each(['SIGKILL', 'SIGSTOP'], [...services, ...databases, 'redis']),
      ...each(['SIGINT', 'SIGQUIT'], databases),
      ...['SIGTERM redis', 'flush-redis', 'fail-over-redis'],
      ...each(weathers, ways),
    ].toSorted(),
  )
})

test('nothing befalls a part that another fault still holds', () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const freeAt = new Map<string, number>()
    for (const { atMs, fault } of plan(seed, 300_000)) {
      const subject = JSON.stringify(
        'target' in fault ? fault.target : 'link' in fault ? fault.link : 'redis',
      )
      expect(atMs).toBeGreaterThanOrEqual(freeAt.get(subject) ?? 0)
      freeAt.set(subject, atMs + ('forMs' in fault ? fault.forMs : 0))
    }
  }
})

test('only what is there is befallen', () => {
  const schedule = planFaults({ seed: 1, forMs: 60_000, targets: [{ part: 'redis' }], links: ['redis'] })
  expect(schedule.length).toBeGreaterThan(3)
  expect(schedule.filter(({ fault }) => !nameFault(fault).includes('redis'))).toEqual([])
  expect(planFaults({ seed: 1, forMs: 60_000, targets: [], links: [] })).toEqual([])
})

test.each([
  [{ kind: 'kill', target: { part: 'redis' }, signal: 'SIGKILL' }, 'SIGKILL redis'],
  [{ kind: 'freeze', target: { part: 'users', index: 1 }, forMs: 1_500 }, 'SIGSTOP users-2 for 1.5 s'],
  [{ kind: 'flush-redis' }, 'FLUSHALL redis'],
  [{ kind: 'fail-over-redis', lagMs: 800 }, 'failover of redis that loses 0.8 s'],
  [{ kind: 'cut', link: 'clients' }, 'cut clients'],
  [
    { kind: 'disturb', link: 'redis', disturbance: { delayMs: 30, sliceBytes: 2 }, forMs: 900 },
    'delay of 30 ms, slices of 2 bytes on redis for 0.9 s',
  ],
] as const)('%j reads as %s', (fault, name) => {
  expect(nameFault(fault)).toBe(name)
})
