import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerEventData } from '@finnigram/contracts'
import { expect, vi } from 'vitest'
import { openSocket } from '../src/open-socket.ts'
import type { RunningProduct } from './running-product.ts'

const graceOf = ({ grace }: RunningProduct) => grace.session.state.user?.id ?? ''
/** How Grace stands, as Ada's device shows it. */
const shownOf = (product: RunningProduct) => product.ada.presence.get(graceOf(product)).status

/** Opens a socket that watches Grace, who is there all the time. */
async function watchGrace(product: RunningProduct) {
  const socket = await openSocket(product.cluster.url, { token: product.session.accessToken })
  await socket.hears('ready')
  await socket.request('watch', { userIds: [graceOf(product)] })
  const statuses = () =>
    socket.heard
      .filter(({ event }) => event === 'presence')
      .map(({ data }) => (data as ServerEventData['presence']).status)
  return { socket, statuses }
}

/** What is not known is not told: nobody looks offline who is there. */
export async function seeNobodyOffline(product: RunningProduct): Promise<void> {
  const { socket, statuses } = await watchGrace(product)
  await sleep(500)
  socket[Symbol.dispose]()
  expect(statuses()).not.toContain('offline')
  expect(shownOf(product)).not.toBe('offline')
}

/** Ada's device was told that Grace is there, and shows it. */
export const awaitGraceShown = (product: RunningProduct) =>
  vi.waitUntil(() => shownOf(product) === 'online', { timeout: 60_000 }).then(() => {})

/**
 * Whoever asks now is told nothing of Grace, or that it is not known; who was told before that she
 * is there is told so, too.
 */
export async function seeGraceUnknown(product: RunningProduct): Promise<void> {
  const { socket, statuses } = await watchGrace(product)
  await vi.waitUntil(() => shownOf(product) === 'unknown', { timeout: 30_000 })
  socket[Symbol.dispose]()
  expect(statuses().filter((status) => status !== 'unknown')).toEqual([])
}

/** Whoever asks is told before long that Grace is online, and never that she is not. */
export async function seeGraceOnline(product: RunningProduct): Promise<void> {
  const { socket, statuses } = await watchGrace(product)
  await vi.waitUntil(() => statuses().includes('online'), { timeout: 30_000 })
  socket[Symbol.dispose]()
  expect(statuses()).not.toContain('offline')
}
