import type { RouteParams, RouteReply, usersApi } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { type StoredDevice, storedDevices, toPushDevice } from './stored-device.ts'

type Get = typeof usersApi.getPushDevice

/** A device of a person, and whether that person wants notifications. Throws `not_found`. */
export async function getPushDevice(
  { pool }: UsersContext,
  { userId, deviceId }: RouteParams<Get>,
): Promise<RouteReply<Get>> {
  const { rows } = await pool.query<StoredDevice>(`${storedDevices} WHERE d.user_id = $1 AND d.id = $2`, [
    userId,
    deviceId,
  ])
  if (!rows[0]) throw new AppError('not_found')
  return toPushDevice(rows[0])
}
