import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerEventData } from '@finnigram/contracts'
import { expect, vi } from 'vitest'
import { openSocket } from '../src/open-socket.ts'
import type { RunningProduct } from './running-product.ts'

const graceOf = ({ grace }: RunningProduct) => grace.session.state.user?.id ?? ''
/** How Grace stands, as Ada's device shows it. */
const shownOf = (stage: RunningProduct) => stage.ada.presence.get(graceOf(stage)).status

/** Opens a socket that watches Grace, who is there all the time. */
async function watchGrace(stage: RunningProduct) {
  const socket = await openSocket(stage.cluster.url, { token: stage.session.accessToken })
  await socket.hears('ready')
  await socket.request('watch', { userIds: [graceOf(stage)] })
  const statuses = () =>
    socket.heard
      .filter(({ event }) => event === 'presence')
      .map(({ data }) => (data as ServerEventData['presence']).status)
  return { socket, statuses }
}

/** What is not known is not told: nobody looks offline who is there. */
export async function seeNobodyOffline(stage: RunningProduct): Promise<void> {
  const { socket, statuses } = await watchGrace(stage)
  await sleep(500)
  socket[Symbol.dispose]()
  expect(statuses()).not.toContain('offline')
  expect(shownOf(stage)).not.toBe('offline')
}

/** Ada's device was told that Grace is there, and shows it. */
export const awaitGraceShown = (stage: RunningProduct) =>
  vi.waitUntil(() => shownOf(stage) === 'online', { timeout: 60_000 }).then(() => {})

/** Whoever asks now is told nothing of Grace, or that it is not known; who was told before that she is there is told so, too. */
export async function seeGraceUnknown(stage: RunningProduct): Promise<void> {
  const { socket, statuses } = await watchGrace(stage)
  await vi.waitUntil(() => shownOf(stage) === 'unknown', { timeout: 30_000 })
  socket[Symbol.dispose]()
  expect(statuses().filter((status) => status !== 'unknown')).toEqual([])
}

/** Whoever asks is told before long that Grace is online, and never that she is not. */
export async function seeGraceOnline(stage: RunningProduct): Promise<void> {
  const { socket, statuses } = await watchGrace(stage)
  await vi.waitUntil(() => statuses().includes('online'), { timeout: 30_000 })
  socket[Symbol.dispose]()
  expect(statuses()).not.toContain('offline')
}
