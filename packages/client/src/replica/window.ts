import type { Message } from '@finnigram/contracts'

/** Consecutive messages, in seq order. */
export type Window = readonly Message[]

/**
 * The window with changed messages in their places and new ones at its end. Messages beyond a hole
 * are left out.
 */
export function putInWindow(window: Window, changed: Iterable<Message>): Window {
  const next = [...window]
  for (const message of inSeqOrder(changed)) {
    const first = next[0]?.seq ?? message.seq
    const index = message.seq - first
    if (index >= 0 && index <= next.length) next[index] = message
  }
  return next
}

/** The window with an older page before it, as far as the two touch. */
export function prependToWindow(window: Window, page: Iterable<Message>): Window {
  const older: Message[] = []
  let expected = (window[0]?.seq ?? Number.NaN) - 1
  for (const message of inSeqOrder(page).reverse()) {
    if (Number.isNaN(expected)) expected = message.seq
    if (message.seq > expected) continue
    if (message.seq < expected) break
    older.push(message)
    expected -= 1
  }
  return older.length === 0 ? window : [...older.reverse(), ...window]
}

/** Whether two windows touch, so that scrolling goes on from one to the other. */
export function touches(one: Window, other: Window): boolean {
  const [first, last, from, to] = [one[0], one.at(-1), other[0], other.at(-1)]
  if (!first || !last || !from || !to) return one.length === other.length
  return from.seq <= last.seq + 1 && to.seq >= first.seq - 1
}

function inSeqOrder(messages: Iterable<Message>): Message[] {
  return [...messages].sort((a, b) => a.seq - b.seq)
}
