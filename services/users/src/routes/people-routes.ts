import { usersApi } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { deletionLimit, profileLimit, searchLimit } from '../limits.ts'
import { deleteMe } from '../people/delete-me.ts'
import { getMe } from '../people/get-me.ts'
import { getUser } from '../people/get-user.ts'
import { lookupUsers } from '../people/lookup-users.ts'
import { updateMe } from '../people/update-me.ts'
import { searchUsers } from '../search/search-users.ts'

/** Profiles and finding people. The first that matches serves, so `me` stands before `:userId`. */
export const peopleRoutes = (ctx: UsersContext): Route[] => [
  route(usersApi.getMe, ({ actor }) => getMe(ctx, actor)),
  route(usersApi.updateMe, ({ actor, body }) => updateMe(ctx, actor, body), { limit: profileLimit }),
  route(usersApi.deleteMe, ({ actor, body }) => deleteMe(ctx, actor, body), { limit: deletionLimit }),
  route(usersApi.searchUsers, ({ query }) => searchUsers(ctx, query), { limit: searchLimit }),
  route(usersApi.lookupUsers, ({ body }) => lookupUsers(ctx, body.ids), { limit: searchLimit }),
  route(usersApi.getUser, ({ params }) => getUser(ctx, params.userId), { limit: searchLimit }),
]
