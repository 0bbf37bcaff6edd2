import { newId } from '@finnigram/contracts'
import type { PushJob } from '../push/push-job.ts'

/** A notification of one message on its way to a phone, for tests. */
export function plainJob({
  payload,
  ...changes
}: Partial<Omit<PushJob, 'payload'>> & { payload?: Partial<PushJob['payload']> } = {}): PushJob {
  const text = { type: 'message' as const, seq: 1, title: '', body: '', badge: 1, tag: '' }
  return {
    userId: newId(),
    targetKey: 'device',
    target: { kind: 'expo', token: 'token' },
    sound: true,
    payload: { ...text, conversationId: newId(), ...payload },
    count: 1,
    fromSeq: 1,
    urgency: 'high',
    at: 0,
    queuedAt: 0,
    attempt: 0,
    ...changes,
  }
}
