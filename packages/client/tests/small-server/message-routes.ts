import { messagesApi as routes } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import { ok, type Row, requireConversation } from './request.ts'
import { sync } from './sync.ts'

export const messageRoutes: Row[] = [
  [
    routes.sendMessage,
    (request) => {
      const text = String(request.body['text'])
      if (text.length > 8000)
        throw new Refusal('validation_failed', [{ path: 'body.text', message: 'At most 8000 characters' }])
      const { status, message } = request.serverState.send(requireConversation(request), request.me.id, {
        id: String(request.body['id']),
        text,
      })
      return ok(message, status)
    },
  ],
  [
    routes.listMessages,
    (request) => {
      const record = requireConversation(request)
      const limit = Number(request.query.get('limit') ?? 50)
      const first = (record.memberships.get(request.me.id)?.joinedSeq ?? 0) + 1
      const lastSeq = record.messages.length
      const asked = (name: string) => request.query.get(name)
      const [after, around] = [asked('after'), asked('around')]
      const before = Number(asked('before') ?? lastSeq + 1)
      const middle = Math.min(Number(around) - limit / 2, lastSeq - limit + 1)
      const low = Math.max(
        after !== null ? Number(after) + 1 : around !== null ? middle : before - limit,
        first,
      )
      const high = Math.min(after === null && around === null ? before - 1 : low + limit - 1, lastSeq)
      const items = record.messages.filter(({ seq }) => seq >= low && seq <= high)
      return ok({ items, lastSeq, hasBefore: low > first, hasAfter: high < lastSeq })
    },
  ],
  [
    routes.markRead,
    (request) => {
      request.serverState.moveMarker(requireConversation(request), request.me.id, {
        readSeq: Number(request.body['seq']),
      })
      return { status: 204 }
    },
  ],
  [
    routes.markDelivered,
    (request) => {
      request.serverState.moveMarker(requireConversation(request), request.me.id, {
        deliveredSeq: Number(request.body['seq']),
      })
      return { status: 204 }
    },
  ],
  [
    routes.listEvents,
    (request) => {
      const record = requireConversation(request)
      const after = Number(request.query.get('after') ?? 0)
      if (after < record.compacted) throw new Refusal('gone')
      const items = record.events.slice(after, after + 100)
      return ok({ items, hasMore: after + items.length < record.events.length })
    },
  ],
  [routes.sync, (request) => ok(sync(request))],
]
