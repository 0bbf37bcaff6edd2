import { firstVersion, type MembershipChange, type RealtimeSocket } from '../connection.ts'
import { conversationRoom } from '../wire/rooms.ts'

/** Makes a change of membership true for one socket, or leaves it to the joining that is under way. What is older than the version the socket joined with changes nothing. */
export function changeMembership(socket: RealtimeSocket, change: MembershipChange): void {
  const { data } = socket
  const { conversationId, version, isMember } = change
  if (data.joining) {
    data.joining.push(change)
    return
  }
  if (version < (data.joinedVersions?.get(conversationId) ?? 0)) return
  if (!isMember) {
    socket.leave(conversationRoom(conversationId))
    data.joinedVersions?.delete(conversationId)
    return
  }
  socket.join(conversationRoom(conversationId))
  if (version === firstVersion) return
  data.joinedVersions ??= new Map()
  data.joinedVersions.set(conversationId, version)
}
