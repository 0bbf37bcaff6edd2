import type { NewPushDevice, PushDevice } from '@finnigram/contracts'
import { toPreferences } from '../people/preferences.ts'
import { toTargetKey } from './target-key.ts'

/** A device as stored, with the preferences of its owner. */
export interface StoredDevice {
  userId: string
  deviceId: string
  sessionId: string
  kind: NewPushDevice['kind']
  target: object
  targetKey: Uint8Array
  updatedAt: Date
  preferences: unknown
}

/**
 * What to select of `devices AS d`, its session `s` and its owner `u`: a session that has run out is signed out already,
 * though its row may be there a little longer.
 */
export const storedDevices = `SELECT d.user_id AS "userId", d.id AS "deviceId", d.session_id AS "sessionId", d.kind, d.target,
  d.target_key AS "targetKey", d.updated_at AS "updatedAt", u.preferences
FROM devices d
JOIN sessions s ON s.id = d.session_id AND s.expires_at > now()
JOIN users u ON u.id = d.user_id`

/** Where a device is notified, how its owner wants it, and whether they do. */
export function toPushDevice(row: StoredDevice): PushDevice & { isWanted: boolean } {
  const { push, preview, sound, quietHours } = toPreferences(row.preferences).notifications
  const { userId, deviceId, sessionId, kind, target } = row
  const targetKey = toTargetKey(row)
  return {
    userId,
    deviceId,
    sessionId,
    targetKey,
    target: { kind, ...target } as PushDevice['target'],
    preview,
    sound,
    quietHours,
    isWanted: push,
  }
}
