/** What each member of each group received of each message: every message must reach everyone once. */
export interface DeliveryLedger {
  /** Notes that a member got a message; answers its latency in milliseconds from the scheduled time, or null for a double. */
  note(number: number, member: number, at: number): number | null
  /** How many deliveries are missing so far. */
  missing(): number
  doubled(): number
  delivered(): number
}

/** `scheduledAt[n]` is when message n was due; every one of them has `groupSize` receivers. */
export function createDeliveryLedger(scheduledAt: Float64Array, groupSize: number): DeliveryLedger {
  const seen = new Uint8Array(scheduledAt.length * groupSize)
  let delivered = 0
  let doubled = 0
  return {
    note(number, member, at) {
      const slot = number * groupSize + member
      if (seen[slot] === 1) {
        doubled += 1
        return null
      }
      seen[slot] = 1
      delivered += 1
      return at - (scheduledAt[number] ?? at)
    },
    missing: () => seen.length - delivered,
    doubled: () => doubled,
    delivered: () => delivered,
  }
}
