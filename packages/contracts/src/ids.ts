import { z } from 'zod'

const uuid = () => z.uuid().overwrite((id) => id.toLowerCase())

export const UserId = uuid().describe('User id (UUIDv7)')
export const SessionId = uuid().describe('Session id (UUIDv7)')
export const ConversationId = uuid().describe('Conversation id (UUIDv7)')
export const MessageId = uuid().describe('Message id (UUIDv7)')

const newUuid = () =>
  z
    .uuidv7()
    .overwrite((id) => id.toLowerCase())
    .describe('Made by the client, UUIDv7; the key that makes a retry safe')

/** The id a client gives a new message: a UUIDv7, so that the archive's index grows at its end. */
export const NewMessageId = newUuid()
export const NewConversationId = newUuid()

/** Random bytes asked for ahead: one call for each id would be most of its cost. */
const pool = new Uint8Array(16 * 128)
let taken = pool.length

function randomBytes(): Uint8Array {
  if (taken === pool.length) {
    crypto.getRandomValues(pool)
    taken = 0
  }
  taken += 16
  return pool.slice(taken - 16, taken)
}

let lastMillisecond = 0
let counter = 0

/**
 * A UUIDv7 (RFC 9562, method 1): ascending within this process even inside one millisecond or when
 * the clock steps back.
 */
export function newId(): string {
  const bytes = randomBytes()
  const now = Date.now()
  if (now > lastMillisecond) {
    lastMillisecond = now
    counter = (((bytes[6] ?? 0) & 0x07) << 8) | (bytes[7] ?? 0)
  } else {
    counter += 1
    if (counter > 0xfff) {
      lastMillisecond += 1
      counter = 0
    }
  }
  const time = lastMillisecond.toString(16).padStart(12, '0')
  const ordered = counter.toString(16).padStart(3, '0')
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const random = Array.from(bytes.subarray(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${ordered}-${random.slice(0, 4)}-${random.slice(4)}`
}
