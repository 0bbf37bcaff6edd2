import { maxPacketBytes, type ServerEventData } from './socket.ts'

/** The first packets of Engine.IO and Socket.IO. Their session is never used. */
const open = `0${JSON.stringify({ sid: 'none', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: maxPacketBytes })}`
const connected = '40{"sid":"none"}'
const finalText = 0x81
/** A close frame with 1013, "Try Again Later". */
const close = '\x88\x02\x03\xf5'

/**
 * All that an overloaded server says on a WebSocket it has just accepted, in order that any
 * Socket.IO client hears its `goodbye` and comes back by itself: WebSocket frames, a character for
 * each byte. A plain HTTP refusal costs less, but browsers show what it says to nobody, and a
 * Socket.IO client that is refused by `connect_error` stays away for good.
 */
export function goodbyeFrames(goodbye: ServerEventData['goodbye']): string {
  const event = `42${JSON.stringify(['goodbye', goodbye])}`
  return textFrame(open) + textFrame(connected) + textFrame(event) + close
}

/** RFC 6455 §5.2; for less than 126 characters of ASCII. */
const textFrame = (text: string) => String.fromCharCode(finalText, text.length) + text
