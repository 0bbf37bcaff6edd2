import { type RouteReply, usersApi } from '@finnigram/contracts'
import type { InternalClient } from '@finnigram/service-kit'

/** The key pair of this server for Web Push. */
export interface PushKeys {
  /** Asked for once, and again where that failed. Throws `unavailable` while the users service is away. */
  get(): Promise<RouteReply<typeof usersApi.getPushKeys>>
}

export function createPushKeys(users: InternalClient): PushKeys {
  let asked: ReturnType<PushKeys['get']> | undefined
  return {
    get() {
      asked ??= users.call(usersApi.getPushKeys).catch((error) => {
        asked = undefined
        throw error
      })
      return asked
    },
  }
}
