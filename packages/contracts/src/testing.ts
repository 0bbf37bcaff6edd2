import { newId } from './ids.ts'
import type { Message } from './message.ts'

/** A stored message with nothing to it but its text, for tests. */
export const plainMessage = (changes: Partial<Message> = {}): Message => ({
  id: newId(),
  conversationId: newId(),
  seq: 1,
  version: 1,
  senderId: newId(),
  kind: 'text',
  text: '',
  attachments: [],
  replyTo: null,
  forwardOf: null,
  mentions: [],
  mentionsAll: false,
  system: null,
  reactions: [],
  editedAt: null,
  deletedAt: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...changes,
})
