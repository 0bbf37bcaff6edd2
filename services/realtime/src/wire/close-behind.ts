import type { RealtimeSocket } from '../connection.ts'
import { encodeFrame } from './frame.ts'

const resync = encodeFrame('resync', JSON.stringify({ reason: 'This connection was too slow' }))

/** Lets go of a socket that cannot keep up: told to sync, if it ever reads that, and out of all rooms at once. */
export function closeBehind({ conn, data }: RealtimeSocket): void {
  data.fellBehind = true
  data.wire?._sender.sendFrame(resync.list)
  conn.close(true)
}
