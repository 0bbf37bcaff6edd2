import type { Client, MessageView } from '@finnigram/client'

/** A chat that is on screen. */
export interface OpenChat {
  conversationId: string
  close(): void
}

/** Looked at no more often than this, in milliseconds, as nobody sees more. */
const blinkMs = 200

/**
 * Watches a chat as a screen does, and reports what a person would call a glitch: a message twice,
 * out of order, or one that is not there.
 */
export function openChat(client: Client, conversationId: string, onGlitch: (what: string) => void): OpenChat {
  const messages = client.messages(conversationId)
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    timer = undefined
    for (const glitch of glitchesIn(messages.snapshot().items)) onGlitch(glitch)
  }
  const unsubscribe = messages.subscribe(() => {
    timer ??= setTimeout(look, blinkMs)
  })
  look()
  return {
    conversationId,
    close() {
      clearTimeout(timer)
      unsubscribe()
    },
  }
}

/**
 * What is wrong in a list of messages; sent ones whose event is on the way may still have others
 * before them.
 */
export function glitchesIn(items: readonly MessageView[]): string[] {
  const glitches: string[] = []
  const ids = new Set<string>()
  let last: number | null = null
  for (const { id, seq } of items) {
    if (ids.has(id)) glitches.push(`message ${id} is shown twice`)
    ids.add(id)
    if (seq === null) continue
    if (last !== null && seq <= last) glitches.push(`seq ${seq} is shown after ${last}`)
    last = seq
  }
  return glitches
}
