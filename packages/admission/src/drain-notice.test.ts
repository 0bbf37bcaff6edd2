import { serverEvents } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { drainNoticeFrames } from './drain-notice.ts'

/** Opcode and text of short frames. */
function readFrames(bytes: string): { opcode: number; text: string }[] {
  const frames: { opcode: number; text: string }[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.charCodeAt(at + 1)
    frames.push({ opcode: bytes.charCodeAt(at) & 0x0f, text: bytes.slice(at + 2, at + 2 + length) })
    at += 2 + length
  }
  return frames
}

test.each([0, 30_000, Number.MAX_SAFE_INTEGER])(
  '%s ms: the open packets, the drain notice, and a close',
  (retryAfterMs) => {
    const [open, connected, goodbye, close, ...rest] = readFrames(drainNoticeFrames({ retryAfterMs }))
    expect(open).toMatchObject({ opcode: 1, text: expect.stringMatching(/^0\{"sid":/) })
    expect(connected).toEqual({ opcode: 1, text: '40{"sid":"none"}' })
    expect(goodbye?.text.startsWith('42')).toBe(true)
    const [event, data] = JSON.parse(goodbye?.text.slice(2) ?? '') as [string, unknown]
    expect(event).toBe('goodbye')
    expect(serverEvents.goodbye.parse(data)).toEqual({ retryAfterMs })
    expect(close).toEqual({ opcode: 8, text: '\x03\xf5' })
    expect(rest).toEqual([])
  },
)
