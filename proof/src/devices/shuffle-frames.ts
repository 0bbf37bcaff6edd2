import type { Random } from '../plan/random.ts'
import type { Frame } from './split-frames.ts'

export interface Shuffler {
  /** While true, news is doubled and comes out of order. */
  isOn: boolean
  pass(frame: Frame): void
  close(): void
}

/** News that Socket.IO tells without waiting for an answer; the handshake and answers stay as they are. */
const isNews = (text: string) => /^42\["(events|marker|account|typing|presence)"/.test(text)

/** How long a frame waits to be overtaken, in milliseconds, before it goes on all the same. */
const longestWaitMs = 200

/** Passes frames on, some of them twice and some behind the next one. None is ever left out: TCP leaves none out either. */
export function createShuffler(random: Random, passOn: (bytes: Buffer) => void): Shuffler {
  let held: Buffer | null = null
  let timer: NodeJS.Timeout | undefined
  const release = () => {
    clearTimeout(timer)
    if (held) passOn(held)
    held = null
  }
  return {
    isOn: false,
    pass({ bytes, text }) {
      const kind = this.isOn && text !== null && isNews(text) ? random() : 1
      if (kind < 0.15 && !held) {
        held = Buffer.from(bytes)
        timer = setTimeout(release, longestWaitMs)
        return
      }
      passOn(bytes)
      if (kind < 0.35) passOn(bytes)
      if (kind < 1) release()
    },
    close: () => clearTimeout(timer),
  }
}
