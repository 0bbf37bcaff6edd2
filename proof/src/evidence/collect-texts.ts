import type { World } from '../workload/world.ts'
import type { WrittenText } from './evidence.ts'

/** Every text that was written, by its number; those of a queue got their message's id from the client. */
export function collectTexts({ texts, devices }: World): WrittenText[] {
  const queued = devices.flatMap(({ recorder, person }) =>
    [...recorder.queued].map(([number, messageId]) => ({
      number,
      messageId,
      userId: person.id,
      by: 'send' as const,
    })),
  )
  return [...texts, ...queued].sort((a, b) => a.number - b.number)
}
