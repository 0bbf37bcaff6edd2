/** Partitions of each service's event stream; a key always falls into the same one. */
export const streamPartitions = { users: 1, messages: 8, realtime: 1 } as const
export type StreamOwner = keyof typeof streamPartitions

/** The Redis stream of one partition; the braces keep a partition's keys on one cluster node. */
export const streamName = (owner: StreamOwner, partition: number) =>
  `finnigram:events:${owner}:{${partition}}`

/** All streams of one service. */
export const streamNames = (owner: StreamOwner) =>
  Array.from({ length: streamPartitions[owner] }, (_, partition) => streamName(owner, partition))

/**
 * Told when a person who may be notified has read on, on whatever device: what is shown of it
 * elsewhere goes.
 */
export const readsStream = 'finnigram:reads'
/** Entries kept on it, about. */
export const readsKept = 10_000

/**
 * A hash of what devices acknowledged lately in a conversation: session id → seq. Whoever writes it
 * lets it expire after `acknowledgedForMs`; nothing that matters for longer than a notification
 * waits is read from it.
 */
export const acknowledgedKey = (conversationId: string) => `finnigram:acknowledged:{${conversationId}}`
export const acknowledgedForMs = 10 * 60_000
