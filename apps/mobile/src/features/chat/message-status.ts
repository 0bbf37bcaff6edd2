import type { MessageView } from '@finnigram/client'
import type { DeliveryStatus } from '../../ui/ticks.tsx'

type Reader = { userId: string; lastReadSeq: number; lastDeliveredSeq: number }

/** Delivery status of my message; in groups the slowest reader decides. */
export function messageStatus(message: MessageView, participants: readonly Reader[]): DeliveryStatus {
  if (message.localState !== undefined) return message.localState
  const others = participants.filter(({ userId }) => userId !== message.senderId)
  if (others.length === 0) return 'read'
  if (others.every(({ lastReadSeq }) => lastReadSeq >= message.seq)) return 'read'
  const arrived = (reader: Reader) => Math.max(reader.lastDeliveredSeq, reader.lastReadSeq) >= message.seq
  return others.every(arrived) ? 'delivered' : 'sent'
}
