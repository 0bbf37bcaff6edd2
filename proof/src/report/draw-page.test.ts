import { expect, test } from 'vitest'
import type { RunHistory } from '../history/history.ts'
import { countMetrics } from './count-metrics.ts'
import { drawPage } from './draw-page.ts'
import { type Report, replayCommand } from './report.ts'

const send = (id: string, enqueuedAt: number, acknowledgedAt: number | null) => ({
  ...{ id, conversationId: 'c', via: 'queue' as const, seq: 1, refused: false, carries: null },
  ...{ enqueuedAt, acknowledgedAt },
})
const device = (userId: string, changes: Partial<RunHistory['devices'][number]>) => ({
  ...{
    name: userId,
    userId,
    pushId: null,
    sends: [],
    arrivals: [],
    told: [],
    markers: [],
    heard: [],
    away: [],
    glitches: [],
    errors: [],
  },
  view: { list: [], conversations: [], messages: [] },
  ...changes,
})
const history: RunHistory = {
  ...{ people: [], conversations: [], answers: [], texts: [], changes: [], pushes: null, healedAt: 3_000 },
  faults: [{ from: 1_500, to: 1_900 }],
  devices: [
    device('ada', { sends: [send('a', 100, 110), send('b', 1_600, 1_800), send('c', 2_000, null)] }),
    device('grace', {
      arrivals: [
        ['a', 120],
        ['b', 1_850],
      ],
    }),
    device('linus', { arrivals: [['a', 2_900]], away: [{ from: 50, to: 2_800 }] }),
  ],
}

const report = (changes: Partial<Report> = {}): Report => ({
  options: {
    seconds: 3,
    seed: 7,
    people: 3,
    rate: 1,
    out: '.proof',
    history: false,
    faults: ['redis killed'],
  },
  faults: [
    {
      name: 'SIGKILL redis',
      fault: { kind: 'kill', target: { part: 'redis' }, signal: 'SIGKILL' },
      from: 1_500,
      to: 1_900,
    },
  ],
  catchUps: [{ name: 'SIGKILL redis', from: 1_900, ms: 250, behind: [] }],
  stalls: { 'messages-1': 12.3 },
  busy: 0.5,
  metrics: countMetrics(history),
  violations: [],
  ...changes,
})

test('metrics leave devices that were away out of latencies, and faults out of fault-free ones', () => {
  const { sends, acknowledged, deliveries, delivery, acknowledgement, seconds } = countMetrics(history)
  expect([sends, acknowledged, deliveries]).toEqual([3, 2, 3])
  expect(delivery.all).toMatchObject({ count: 2, most: 250 })
  expect(delivery.faultFree).toMatchObject({ count: 1, most: 20 })
  expect(acknowledgement.faultFree).toMatchObject({ count: 1, most: 10 })
  expect(seconds.map((one) => [one.sends, one.deliveries, one.p50])).toEqual([
    [1, 1, 20],
    [1, 1, 250],
    [1, 1, null],
  ])
})

test('the page says what was kept and what happened, and needs nothing from elsewhere', () => {
  const page = drawPage(report())
  expect(page).toContain('Every promise was kept')
  expect(page).toContain('<title>SIGKILL redis</title>')
  expect(page).toContain('250 ms after SIGKILL redis')
  expect(page).not.toMatch(/https?:|<script|<link|@import/)
  expect(page).toMatch(/role="img" aria-labelledby="timeline-title timeline-text"/)
})

test('what was broken is told, with the command that plays it again', () => {
  const page = drawPage(report({ violations: [{ kind: 'lost', what: 'message <1> is gone' }] }))
  expect(page).toContain('1 broken promises')
  expect(page).toContain('message &lt;1&gt; is gone')
  expect(replayCommand(report())).toBe(
    'npm run proof -- --seconds 3 --seed 7 --people 3 --rate 1 --faults "redis killed"',
  )
})
