import { usersApi } from '@finnigram/contracts'
import { Refusal } from './refusal.ts'
import { ok, type Row } from './request.ts'
import { toMe } from './sessions.ts'

export const userRoutes: Row[] = [
  [
    usersApi.register,
    ({ serverState, sessions, body }) => {
      const username = String(body['username'])
      if (username.length < 3)
        throw new Refusal('validation_failed', [{ path: 'body.username', message: 'At least 3 characters' }])
      if ([...serverState.people.values()].some((person) => person.username === username))
        throw new Refusal('username_taken')
      const person = serverState.addPerson(username, String(body['displayName']), String(body['password']))
      return ok(sessions.begin(toMe(person)), 201)
    },
  ],
  [
    usersApi.login,
    ({ serverState, sessions, body }) => {
      const found = [...serverState.people.values()].find(({ username }) => username === body['identifier'])
      if (!found || found.password !== body['password']) throw new Refusal('invalid_credentials')
      return ok(sessions.begin(toMe(found)))
    },
  ],
  [
    usersApi.refresh,
    ({ serverState, sessions, body }) => ok(sessions.renew(serverState, String(body['refreshToken']))),
  ],
  [
    usersApi.logout,
    ({ sessions, token }) => {
      sessions.end(token)
      return { status: 204 }
    },
  ],
  [usersApi.getMe, ({ me }) => ok(toMe(me))],
  [
    usersApi.updateMe,
    ({ serverState, me, body }) => {
      serverState.changeProfile(me, body)
      return ok(toMe(me))
    },
  ],
  [
    usersApi.deleteMe,
    ({ me, body }) => {
      if (me.password !== body['password']) throw new Refusal('invalid_credentials')
      return { status: 204 }
    },
  ],
  [
    usersApi.searchUsers,
    ({ serverState, query }) => {
      const found = [...serverState.people.values()].filter(({ username }) =>
        username.startsWith(query.get('query') ?? ''),
      )
      return ok({ items: found.map(({ id }) => serverState.toPublic(id)), nextCursor: null })
    },
  ],
  [
    usersApi.lookupUsers,
    ({ serverState, body }) =>
      ok({
        items: (body['ids'] as string[])
          .filter((id) => serverState.people.has(id))
          .map((id) => serverState.toPublic(id)),
      }),
  ],
]
