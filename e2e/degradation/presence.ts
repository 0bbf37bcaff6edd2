import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerEventData } from '@finnigram/contracts'
import { expect, vi } from 'vitest'
import { openSocket } from '../src/open-socket.ts'
import type { Stage } from './stage.ts'

/** Opens a socket that watches Grace, who is there all the time. */
async function watchGrace({ cluster, session, grace }: Stage) {
  const socket = await openSocket(cluster.url, { token: session.accessToken })
  await socket.hears('ready')
  await socket.request('watch', { userIds: [grace.session.state.user?.id] })
  const statuses = () =>
    socket.heard
      .filter(({ event }) => event === 'presence')
      .map(({ data }) => (data as ServerEventData['presence']).status)
  return { socket, statuses }
}

/** What is not known is not told: nobody looks offline who is there. */
export async function seeNobodyOffline(stage: Stage): Promise<void> {
  const { socket, statuses } = await watchGrace(stage)
  await sleep(500)
  socket[Symbol.dispose]()
  expect(statuses()).not.toContain('offline')
  expect(stage.ada.presence.get(stage.grace.session.state.user?.id ?? '').status).not.toBe('offline')
}

/** Whoever asks is told before long that Grace is online, and never that she is not. */
export async function seeGraceOnline(stage: Stage): Promise<void> {
  const { socket, statuses } = await watchGrace(stage)
  await vi.waitUntil(() => statuses().includes('online'), { timeout: 10_000 })
  socket[Symbol.dispose]()
  expect(statuses()).not.toContain('offline')
}
