import {
  type Conversation,
  type ErrorCode,
  type Me,
  type RouteContract,
  messagesApi as routes,
  type SignedIn,
  type SyncReply,
  toProblem,
  usersApi,
} from '@finnigram/contracts'
import type { Person, Room, World } from './world.ts'

export class Refusal extends Error {
  readonly problem
  constructor(code: ErrorCode, errors?: { path: string; message: string }[]) {
    super(code)
    this.problem = toProblem(code, { requestId: 'test', errors })
  }
}

export interface Request {
  world: World
  sessions: Sessions
  me: Person
  params: Record<string, string>
  query: URLSearchParams
  body: Record<string, unknown>
}
export interface Answer {
  status: number
  body?: unknown
}
type Handler = (request: Request) => Answer

/** Tokens of this server: readable, and ended by hand. */
export class Sessions {
  readonly access = new Map<string, string>()
  readonly refresh = new Map<string, string>()
  readonly expired = new Set<string>()
  expiresIn = 900
  refreshes = 0
  #count = 0

  begin(user: Me): SignedIn {
    this.#count += 1
    const accessToken = `access-${this.#count}`
    const refreshToken = `refresh-${this.#count}`
    this.access.set(accessToken, user.id)
    this.refresh.set(refreshToken, user.id)
    return { user, accessToken, refreshToken, expiresIn: this.expiresIn }
  }

  renew(world: World, token: string): SignedIn {
    this.refreshes += 1
    const person = world.people.get(this.refresh.get(token) ?? '')
    if (!person) throw new Refusal('unauthenticated')
    this.refresh.delete(token)
    return this.begin(toMe(person))
  }

  endAll(): void {
    this.access.clear()
    this.refresh.clear()
  }
}

const toMe = ({ password: _, ...me }: Person): Me => me
const ok = (body: unknown, status = 200): Answer => ({ status, body })

function roomOf({ world, me, params }: Request): Room {
  const room = world.rooms.get(params['conversationId'] ?? '')
  if (!room?.places.has(me.id)) throw new Refusal('not_found')
  return room
}

const auth: [RouteContract, Handler][] = [
  [
    usersApi.register,
    ({ world, sessions, body }) => {
      const username = String(body['username'])
      if (username.length < 3)
        throw new Refusal('validation_failed', [{ path: 'body.username', message: 'At least 3 characters' }])
      if ([...world.people.values()].some((person) => person.username === username))
        throw new Refusal('username_taken')
      const person = world.addPerson(username, String(body['displayName']), String(body['password']))
      return ok(sessions.begin(toMe(person)), 201)
    },
  ],
  [
    usersApi.login,
    ({ world, sessions, body }) => {
      const found = [...world.people.values()].find(({ username }) => username === body['identifier'])
      if (!found || found.password !== body['password']) throw new Refusal('invalid_credentials')
      return ok(sessions.begin(toMe(found)))
    },
  ],
  [usersApi.refresh, ({ world, sessions, body }) => ok(sessions.renew(world, String(body['refreshToken'])))],
  [usersApi.logout, () => ({ status: 204 })],
  [usersApi.getMe, ({ me }) => ok(toMe(me))],
  [usersApi.updateMe, ({ me, body }) => ok(toMe(Object.assign(me, body)))],
  [
    usersApi.searchUsers,
    ({ world, query }) => {
      const found = [...world.people.values()].filter(({ username }) =>
        username.startsWith(query.get('query') ?? ''),
      )
      return ok({ items: found.map(({ id }) => world.toPublic(id)), nextCursor: null })
    },
  ],
  [
    usersApi.lookupUsers,
    ({ world, body }) =>
      ok({
        items: (body['ids'] as string[]).filter((id) => world.people.has(id)).map((id) => world.toPublic(id)),
      }),
  ],
]

const conversations: [RouteContract, Handler][] = [
  [
    routes.createConversation,
    ({ world, me, body }) => {
      if (body['kind'] === 'group') {
        const room = world.addRoom('group', me.id, body['userIds'] as string[], String(body['title']))
        return ok(world.toConversation(room, me.id), 201)
      }
      const pair = [me.id, String(body['userId'])]
      const known = [...world.rooms.values()].find(
        ({ kind, places }) =>
          kind === 'direct' && pair.every((id) => places.has(id)) && places.size === new Set(pair).size,
      )
      const room = known ?? world.addRoom('direct', me.id, pair)
      return ok(world.toConversation(room, me.id), known ? 200 : 201)
    },
  ],
  [routes.getConversation, (request) => ok(request.world.toConversation(roomOf(request), request.me.id))],
  [
    routes.updateConversation,
    (request) => {
      const room = roomOf(request)
      room.title = String(request.body['title'])
      request.world.tell(room, request.me.id, 'conversation.updated', { title: room.title })
      return ok(request.world.toConversation(room, request.me.id))
    },
  ],
  [
    routes.listParticipants,
    (request) =>
      ok({
        items: request.world.toConversation(roomOf(request), request.me.id).participants,
        nextCursor: null,
      }),
  ],
  [
    routes.addParticipants,
    (request) => {
      const room = roomOf(request)
      for (const id of request.body['userIds'] as string[]) request.world.add(room, request.me.id, id)
      return ok(request.world.toConversation(room, request.me.id))
    },
  ],
  [
    routes.removeParticipant,
    (request) => {
      request.world.remove(roomOf(request), request.me.id, request.params['userId'] ?? '')
      return { status: 204 }
    },
  ],
]

const messages: [RouteContract, Handler][] = [
  [
    routes.sendMessage,
    (request) => {
      const text = String(request.body['text'])
      if (text.length > 8000)
        throw new Refusal('validation_failed', [{ path: 'body.text', message: 'At most 8000 characters' }])
      const { status, message } = request.world.send(roomOf(request), request.me.id, {
        id: String(request.body['id']),
        text,
      })
      return ok(message, status)
    },
  ],
  [
    routes.listMessages,
    (request) => {
      const room = roomOf(request)
      const before = Number(request.query.get('before') ?? room.messages.length + 1)
      const limit = Number(request.query.get('limit') ?? 50)
      const joinedSeq = room.places.get(request.me.id)?.joinedSeq ?? 0
      const visible = room.messages.filter(({ seq }) => seq > joinedSeq && seq < before)
      const items = visible.slice(-limit)
      return ok({
        items,
        lastSeq: room.messages.length,
        hasBefore: visible.length > items.length,
        hasAfter: before <= room.messages.length,
      })
    },
  ],
  [
    routes.markRead,
    (request) => {
      request.world.move(roomOf(request), request.me.id, { readSeq: Number(request.body['seq']) })
      return { status: 204 }
    },
  ],
  [
    routes.markDelivered,
    (request) => {
      request.world.move(roomOf(request), request.me.id, { deliveredSeq: Number(request.body['seq']) })
      return { status: 204 }
    },
  ],
  [
    routes.listEvents,
    (request) => {
      const room = roomOf(request)
      const after = Number(request.query.get('after') ?? 0)
      if (after < room.compacted) throw new Refusal('gone')
      const items = room.events.slice(after, after + 100)
      return ok({ items, hasMore: after + items.length < room.events.length })
    },
  ],
  [routes.sync, (request) => ok(sync(request))],
]

/** Events of one reply: few, so that tests see more than one. */
const syncAtMost = 40

function sync({ world, me, body }: Request): SyncReply {
  const known = new Map(Object.entries(body['known'] as Record<string, number>))
  const since = Number(body['since'] ?? -1)
  const reply: SyncReply = {
    conversations: [],
    events: {},
    reset: [],
    removed: [],
    markers: [],
    me: [],
    cursor: String(world.moves),
    more: false,
  }
  let left = syncAtMost
  for (const room of world.rooms.values()) {
    if (!room.places.has(me.id)) continue
    const version = known.get(room.id)
    known.delete(room.id)
    if (version === undefined || version < room.compacted) {
      if (version !== undefined) reply.reset.push(room.id)
      reply.conversations.push(world.toConversation(room, me.id))
    } else if (version < room.events.length) {
      const items = room.events.slice(version, version + left)
      left -= items.length
      if (items.length > 0) reply.events[room.id] = items
      if (version + items.length === room.events.length)
        reply.conversations.push(world.toConversation(room, me.id))
      else reply.more = true
    } else {
      addMoved(reply, world.toConversation(room, me.id), { room, since, me: me.id })
    }
  }
  reply.removed.push(...known.keys())
  return reply
}

function addMoved(
  reply: SyncReply,
  conversation: Conversation,
  { room, since, me }: { room: Room; since: number; me: string },
) {
  if (since < 0) return
  for (const [userId, { movedAt, lastReadSeq, lastDeliveredSeq }] of room.places) {
    if (movedAt <= since) continue
    reply.markers.push({
      conversationId: room.id,
      userId,
      readSeq: lastReadSeq,
      deliveredSeq: lastDeliveredSeq,
    })
    if (userId === me) reply.me.push({ conversationId: room.id, me: conversation.me })
  }
}

interface Matched {
  route: RouteContract
  handler: Handler
  params: Record<string, string>
}

const table = [...auth, ...conversations, ...messages].map(([route, handler]) => ({
  route,
  handler,
  pattern: new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
}))

export function matchRoute(method: string, path: string): Matched | undefined {
  for (const { route, handler, pattern } of table) {
    const match = route.method === method ? pattern.exec(path) : null
    if (match) return { route, handler, params: { ...match.groups } }
  }
  return undefined
}
