import { z } from 'zod'
import { defineRoute } from '../route.ts'

/** For a browser's `pushManager.subscribe`. */
export const getPushKey = defineRoute({
  method: 'GET',
  path: '/v1/push/key',
  summary: 'The public key of this server for Web Push',
  reply: {
    200: z.object({ publicKey: z.string().describe('A point of P-256, uncompressed, base64url (RFC 8292)') }),
  },
})

/** What a notification passes, in this order. */
export const pushHops = ['device', 'preferences', 'queue', 'push service', 'receipt'] as const

/** Sends one notification through everything that a real one passes. */
export const testPush = defineRoute({
  method: 'POST',
  path: '/v1/push/test',
  summary: 'Test my push',
  body: z.object({ deviceId: z.string().min(1).max(64) }),
  reply: {
    200: z
      .object({
        ok: z.boolean(),
        hops: z
          .array(
            z.object({
              hop: z.enum(pushHops),
              state: z.enum(['passed', 'failed', 'pending', 'skipped']),
              detail: z.string().describe('For the person who asked'),
            }),
          )
          .describe('In order; after one that failed come none'),
      })
      .meta({ id: 'PushTest' }),
  },
  errors: ['not_found'],
})
