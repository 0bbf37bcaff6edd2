import type { NewMessageIn } from '@finnigram/contracts'

/** A message that somebody wants to have stored, as the contract checked it. */
export interface NewSend extends NewMessageIn {
  senderId: string
  requestId: string | undefined
}

/** What became of it: 201 when it is stored now, 200 when it was stored before. */
export interface Sent {
  status: 200 | 201
  /** The stored message as JSON. */
  message: string
}
