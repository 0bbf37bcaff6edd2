import type { Client } from '@finnigram/client'
import type { Device } from '../devices/device.ts'
import type { Change } from '../history/history.ts'
import { attempt } from './attempt.ts'
import type { Environment } from './operation.ts'

type What = Pick<Change, 'kind' | 'conversationId' | 'subject' | 'value'>

/**
 * Changes something that the last change decides, and notes what was asked and what was answered.
 */
export async function changeSomething(
  { changes, now }: Environment,
  device: Device,
  { work, ...what }: What & { work: (client: Client) => Promise<unknown> },
): Promise<void> {
  const change: Change = {
    ...what,
    userId: device.person.id,
    startedAt: now(),
    acknowledgedAt: null,
    refused: false,
    retried: false,
  }
  changes.push(change)
  const { state, retried } = await attempt(device, work)
  change.retried = retried
  if (state === 'done') change.acknowledgedAt = now()
  if (state === 'refused') change.refused = true
}
