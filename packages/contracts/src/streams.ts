/** Partitions of each service's event stream; a key always falls into the same one. */
export const streamPartitions = { users: 1, messages: 8, realtime: 1 } as const
export type StreamOwner = keyof typeof streamPartitions

/** The Redis stream of one partition; the braces keep a partition's keys on one cluster node. */
export const streamName = (owner: StreamOwner, partition: number) =>
  `finnigram:events:${owner}:{${partition}}`

/** All streams of one service. */
export const streamNames = (owner: StreamOwner) =>
  Array.from({ length: streamPartitions[owner] }, (_, partition) => streamName(owner, partition))
