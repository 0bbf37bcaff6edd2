import { expect, test } from 'vitest'
import { refusalFrames } from './refusal.ts'
import { HandshakeError } from './socket.ts'

/** What of frames each says, for as long as they are short. */
function readFrames(bytes: string): { opcode: number; text: string }[] {
  const frames: { opcode: number; text: string }[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.charCodeAt(at + 1)
    frames.push({ opcode: bytes.charCodeAt(at) & 0x0f, text: bytes.slice(at + 2, at + 2 + length) })
    at += 2 + length
  }
  return frames
}

test.each([
  { code: 'unavailable', retryAfterMs: 30_000 },
  { code: 'unauthenticated', retryAfterMs: Number.MAX_SAFE_INTEGER },
  { code: 'rate_limited' },
] as const)('a refusal is an open packet, a connect error with its data, and a close: %j', (error) => {
  const [open, refusal, close, ...rest] = readFrames(refusalFrames(error))
  expect(open).toMatchObject({ opcode: 1, text: expect.stringMatching(/^0\{"sid":/) })
  expect(refusal?.text.startsWith('44')).toBe(true)
  const { data, message } = JSON.parse(refusal?.text.slice(2) ?? '') as { data: unknown; message: string }
  expect(HandshakeError.parse(data)).toEqual(error)
  expect(message).toBe(error.code)
  expect(close).toEqual({ opcode: 8, text: '\x03\xf5' })
  expect(rest).toEqual([])
})
