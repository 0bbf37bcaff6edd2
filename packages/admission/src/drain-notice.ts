import { maxPacketBytes, type ServerEventData } from '@finnigram/contracts'

/** The first packets of Engine.IO and Socket.IO. Their session is never used. */
const open = `0${JSON.stringify({ sid: 'none', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: maxPacketBytes })}`
const connected = '40{"sid":"none"}'
const finalText = 0x81
/** A close frame with 1013, "Try Again Later". */
const close = '\x88\x02\x03\xf5'

/**
 * The drain notice of an overloaded server: all that it writes to a WebSocket it has just accepted.
 * Any Socket.IO client reads it as the event `goodbye` and comes back by itself.
 *
 * The text is WebSocket frames, one character a byte. A plain HTTP refusal costs less, but browsers
 * show its body to no script, and a client refused by `connect_error` stays away for good.
 */
export function drainNoticeFrames(goodbye: ServerEventData['goodbye']): string {
  const event = `42${JSON.stringify(['goodbye', goodbye])}`
  return textFrame(open) + textFrame(connected) + textFrame(event) + close
}

/** RFC 6455 §5.2; for less than 126 characters of ASCII. */
const textFrame = (text: string) => String.fromCharCode(finalText, text.length) + text
