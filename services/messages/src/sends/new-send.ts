import type { NewMessageIn } from '@finnigram/contracts'

/** A send as the contract validated it. */
export interface NewSend extends NewMessageIn {
  senderId: string
  requestId: string | undefined
}

/** Its result: 201 when it was stored now, 200 when it was stored before. */
export interface Sent {
  status: 200 | 201
  /** The stored message as JSON. */
  message: string
}
