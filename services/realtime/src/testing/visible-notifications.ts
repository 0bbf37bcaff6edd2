import type { PushPayload } from '../push/push-job.ts'

/** What stands on a screen after these notifications, by tag. */
export function shownBy(payloads: readonly PushPayload[]): Map<string, PushPayload> {
  const shown = new Map<string, PushPayload>()
  for (const payload of payloads) {
    if (payload.type === 'clear') shown.delete(payload.tag)
    else shown.set(payload.tag, payload)
  }
  return shown
}
