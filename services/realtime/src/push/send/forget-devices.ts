import { usersApi } from '@finnigram/contracts'
import type { InternalClient, Logger } from '@finnigram/service-kit'
import { createMicroBatch } from '../../micro-batch.ts'

/** Tells the users service of devices that are gone, many in one call. Where that fails, the next notification finds out again. */
export function createForgetDevices({
  users,
  log,
}: {
  users: InternalClient
  log: Logger
}): (targetKey: string) => void {
  const forget = createMicroBatch<string, undefined>({
    maxSize: 1000,
    maxInFlight: 1,
    run: async (targetKeys) => {
      await users.call(usersApi.forgetPushDevices, { body: { targetKeys } })
      return targetKeys.map(() => undefined)
    },
  })
  return (targetKey) => {
    forget(targetKey).catch((error) => log.debug('A device that is gone could not be forgotten', { error }))
  }
}
