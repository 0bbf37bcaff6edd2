import { defineRoute } from '@finnigram/contracts'
import { z } from 'zod'
import { reply, route } from '../src/index.ts'

export const putThing = defineRoute({
  method: 'POST',
  path: '/v1/things/:thingId',
  summary: 'Put a thing',
  auth: 'none',
  params: z.object({ thingId: z.uuid() }),
  query: z.object({ limit: z.coerce.number().int().max(100).default(50) }),
  body: z.object({ title: z.string().min(1), tags: z.array(z.string()) }),
  reply: {
    200: z.object({ title: z.string(), limit: z.int() }),
    201: z.object({ title: z.string(), limit: z.int() }),
  },
})
export const id = '0198f0a0-0000-7000-8000-000000000001'
export const put = route(putThing, ({ body, query }) => reply(201, { title: body.title, limit: query.limit }))

export const getText = defineRoute({
  method: 'GET',
  path: '/v1/text',
  summary: 'A text',
  auth: 'none',
  reply: { 200: z.object({ text: z.string() }) },
})
