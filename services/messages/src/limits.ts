import type { RateLimit } from '@finnigram/service-kit'

/** 50 messages a second in the long run, 100 at once. Counted in each process: a trip to Redis would cost more than it protects. */
export const sendLimit: RateLimit = { name: 'send', points: 100, perSeconds: 2, inProcess: true }
/** A device sends its queue in calls of up to a hundred messages; to refuse them costs something, too. */
export const sendBatchLimit = {
  name: 'send-batch',
  points: 20,
  perSeconds: 2,
  inProcess: true,
  by: 'actor',
} as const
/**
 * Bytes of text, which are stored, indexed and told to many: nobody reaches this by writing or pasting. Counted in each
 * process, as sends are.
 */
export const textLimits: readonly RateLimit[] = [
  { name: 'text-minute', points: 2_000_000, perSeconds: 60, inProcess: true },
  { name: 'text-hour', points: 20_000_000, perSeconds: 3600, inProcess: true },
]
/** Bytes of files that begin to come: each is written three times until it is kept. */
export const uploadBytesLimit: RateLimit = {
  name: 'upload-bytes',
  points: 4 * 2 ** 30,
  perSeconds: 3600,
  isWeighted: true,
}
/** Reading is cheap, scrolling and syncing are bursts. */
export const readLimit = { name: 'read', points: 300, perSeconds: 5, inProcess: true, by: 'actor' } as const
/** Markers follow every message on every device. */
export const markerLimit = {
  name: 'marker',
  points: 600,
  perSeconds: 10,
  inProcess: true,
  by: 'actor',
} as const
/** Changes to groups and who is in them. */
export const changeLimit = { name: 'change', points: 120, perSeconds: 60, by: 'actor' } as const
/** New conversations bother other people. */
export const createLimit = { name: 'create', points: 60, perSeconds: 60, by: 'actor' } as const
/** Groups that one person makes in a day. */
export const newGroupLimit: RateLimit = { name: 'new-group', points: 100, perSeconds: 86_400 }
/** People whom one person names for groups in a day, those who are asked first included. */
export const additionLimit: RateLimit = {
  name: 'group-addition',
  points: 3000,
  perSeconds: 86_400,
  isWeighted: true,
}
/** What is mine alone of a conversation changes with every draft. */
export const meLimit = { name: 'me', points: 300, perSeconds: 60, inProcess: true, by: 'actor' } as const
/** Pictures cost work. */
export const avatarLimit = { name: 'avatar', points: 20, perSeconds: 60, by: 'actor' } as const
/** Invite codes are not to be guessed, not even by many accounts of one address. */
export const codeLimits = [
  { name: 'invite', points: 60, perSeconds: 60, by: 'actor' },
  { name: 'invite-ip', points: 300, perSeconds: 60, by: 'ip' },
] as const
/** Edits, reactions, pins and stars: a thumb is quick, and a message may be pinned, starred and reacted to at once. */
export const messageChangeLimit = {
  name: 'message-change',
  points: 100,
  perSeconds: 10,
  inProcess: true,
  by: 'actor',
} as const
/** Every upload takes space and is looked at by costly eyes. */
export const uploadLimit = { name: 'upload', points: 60, perSeconds: 60, by: 'actor' } as const
/**
 * Chunks of half a megabyte on a fast line: some 25 MB a second. A short window, for hundreds at
 * once keep others waiting.
 */
export const chunkLimit = {
  name: 'chunk',
  points: 120,
  perSeconds: 2,
  inProcess: true,
  by: 'actor',
} as const
/** A search while somebody types is one per letter. */
export const searchLimit = {
  name: 'search',
  points: 60,
  perSeconds: 10,
  inProcess: true,
  by: 'actor',
} as const
