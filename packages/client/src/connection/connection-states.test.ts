import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ConnectionEvent,
  connectionTable,
  initialMachine,
  type Machine,
  nextSocketState,
  type RealtimeState,
  type Row,
  type State,
  toConnectionState,
  transition,
} from './connection-states.ts'

const rounds = ['connecting', 'ready', 'waiting', 'signedOut', 'resync', 'busUnavailable'] as const
type Round = (typeof rounds)[number]
type Step = Round | 'syncStarts' | 'syncSucceeds' | 'syncFails'

/**
 * What the driver does with the table: it counts rounds, so that it can tell a sync of an earlier
 * one.
 */
function play(steps: readonly Step[]) {
  let machine: Machine = initialMachine
  let round = 0
  let runningSince: number | null = null
  let last: Round | null = null
  let socket: RealtimeState = 'connecting'
  let coveredRound = -1
  for (const step of steps) {
    let event: ConnectionEvent | undefined
    if (step === 'syncStarts') {
      runningSince ??= round
    } else if (step === 'syncSucceeds' || step === 'syncFails') {
      if (runningSince === null) continue
      event = step === 'syncFails' ? 'syncFailed' : runningSince === round ? 'synced' : 'syncedEarlier'
      if (step === 'syncSucceeds') coveredRound = Math.max(coveredRound, runningSince)
      runningSince = null
    } else {
      round += 1
      last = step
      if (step !== 'resync' && step !== 'busUnavailable') socket = step
      event = step
    }
    if (event) machine = transition(machine, event).machine
  }
  return { machine, socket, last, isCovered: coveredRound === round }
}

const anySteps = fc.array(
  fc.constantFrom<Step>(...rounds, 'ready', 'syncStarts', 'syncSucceeds', 'syncFails'),
  { maxLength: 40 },
)

test('P8: online is shown only after a sync that began after the socket was ready and after the last resync', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { machine, socket, isCovered } = play(steps)
      const isReady = socket === 'ready'
      expect(machine.state === 'online' || machine.state === 'delayed').toBe(isReady && isCovered)
    }),
  )
})

test('P8: whatever may have been missed is asked for', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { machine, socket, isCovered } = play(steps)
      const { activity } = connectionTable[machine.state]
      expect(activity === 'sync').toBe(socket === 'ready' && !isCovered)
      expect(activity === 'poll').toBe(socket === 'waiting')
    }),
  )
})

test('P8: after any history a ready socket and a whole sync lead to online', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { machine } = play([...steps, 'syncFails', 'ready', 'syncStarts', 'syncSucceeds'])
      expect(machine.state).toBe('online')
    }),
  )
})

test('a server whose event bus is unavailable shows as delayed, until it hears again or the socket changes', () => {
  fc.assert(
    fc.property(anySteps, fc.boolean(), (steps, hasNetwork) => {
      const { machine, socket, last } = play(steps)
      const isDelayed = toConnectionState(machine, hasNetwork) === 'delayed'
      expect(isDelayed).toBe(socket === 'ready' && last === 'busUnavailable')
    }),
  )
})

test('without a ready socket nothing but connecting and offline is shown, and without a network offline', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { machine, socket } = play(steps)
      if (socket === 'ready') return
      expect(['connecting', 'offline']).toContain(toConnectionState(machine, true))
      expect(toConnectionState(machine, false)).toBe('offline')
    }),
  )
})

test('what was stopped stays stopped', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { machine } = transition(play(steps).machine, 'stopped')
      for (const event of rounds) expect(transition(machine, event).machine.state).toBe('stopped')
    }),
  )
  const events = ['opened', 'lost', 'deferred', 'failed', 'networkLost', 'unauthenticated'] as const
  for (const event of events) expect(nextSocketState('stopped', event)).toBe('stopped')
})

const columns = [
  'ready',
  'connecting',
  'waiting',
  'resync',
  'busUnavailable',
  'synced',
  'syncedEarlier',
] as const

const toDocsRow = ([state, { activity, on }]: [string, Row]) => {
  const cells = columns.map((event) => on[event]?.[0] ?? '–')
  return `| ${[`\`${state}\``, activity, ...cells].join(' | ')} |`
}

test('docs/protocol.md shows this table', () => {
  const docs = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8')
  const rows = Object.entries(connectionTable) as [State, Row][]
  for (const row of rows) expect(docs).toContain(toDocsRow(row))
})
