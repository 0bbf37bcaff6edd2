import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { Timestamp } from '../time.ts'

/** Something that kept failing, and that a service set aside so that it holds back nothing else. */
const Parked = z.object({
  kind: z.string(),
  id: z.string(),
  what: z.string().describe('What it is; nothing of what people wrote'),
  reason: z.string(),
  at: Timestamp.describe('When it was parked'),
})

/** The oldest of each kind, and how many there are. */
export const listParked = defineRoute({
  method: 'GET',
  path: '/internal/parked',
  summary: 'What is parked',
  auth: 'internal',
  query: z.object({
    kind: z.string().max(40).optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  }),
  reply: {
    200: z.object({ counts: z.record(z.string(), z.int()), items: z.array(Parked) }),
  },
})

const one = z.object({ kind: z.string().max(40), id: z.string().max(300) })

/** Tries again. What fails at once stays parked, and the reply says why. */
export const retryParked = defineRoute({
  method: 'POST',
  path: '/internal/parked/retry',
  summary: 'Try something again that is parked',
  auth: 'internal',
  body: one,
  reply: { 200: z.object({ isDone: z.boolean(), reason: z.string().nullable() }) },
  errors: ['not_found'],
})

export const dropParked = defineRoute({
  method: 'POST',
  path: '/internal/parked/drop',
  summary: 'Forget something that is parked',
  auth: 'internal',
  body: one,
  reply: { 204: null },
  errors: ['not_found'],
})
