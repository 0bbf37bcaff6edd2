import type { messagesApi, realtimeApi, usersApi } from '@finnigram/contracts'

type PublicNames<Api> = {
  [Name in keyof Api]: Api[Name] extends { method: string; path: string; auth: 'user' | 'none' }
    ? Name
    : never
}[keyof Api]

/** Every call that a client may make, by its name in the contract. */
export type RouteName =
  | PublicNames<typeof usersApi>
  | PublicNames<typeof messagesApi>
  | PublicNames<typeof realtimeApi>
