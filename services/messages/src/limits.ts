import type { RateLimit } from '@finnigram/service-kit'

/**
 * 50 messages a second, 100 at once. In process, because asking Redis would cost more than it
 * protects.
 */
export const sendLimit: RateLimit = { name: 'send', points: 100, perSeconds: 2, inProcess: true }
/** Calls that send up to a hundred messages each; refusing them costs work, too. */
export const sendBatchLimit = {
  name: 'send-batch',
  points: 20,
  perSeconds: 2,
  inProcess: true,
  by: 'actor',
} as const
/**
 * Bytes of text, which are stored, indexed and published. Nobody reaches this by writing or
 * pasting.
 */
export const textLimits: readonly RateLimit[] = [
  { name: 'text-minute', points: 2_000_000, perSeconds: 60, inProcess: true },
  { name: 'text-hour', points: 20_000_000, perSeconds: 3600, inProcess: true },
]
/** Bytes of uploads begun: each is written three times before it is stored. */
export const uploadBytesLimit: RateLimit = {
  name: 'upload-bytes',
  points: 4 * 2 ** 30,
  perSeconds: 3600,
  isWeighted: true,
}
/** Reading is cheap; scrolling and syncing come in bursts. */
export const readLimit = { name: 'read', points: 300, perSeconds: 5, inProcess: true, by: 'actor' } as const
/** Every device moves markers for every message. */
export const markerLimit = {
  name: 'marker',
  points: 600,
  perSeconds: 10,
  inProcess: true,
  by: 'actor',
} as const
/** Changes of groups and of their members. */
export const changeLimit = { name: 'change', points: 120, perSeconds: 60, by: 'actor' } as const
/** New conversations disturb other people. */
export const createLimit = { name: 'create', points: 60, perSeconds: 60, by: 'actor' } as const
/** Groups that one person creates in a day. */
export const newGroupLimit: RateLimit = { name: 'new-group', points: 100, perSeconds: 86_400 }
/** People whom one person adds or invites to groups in a day. */
export const additionLimit: RateLimit = {
  name: 'group-addition',
  points: 3000,
  perSeconds: 86_400,
  isWeighted: true,
}
/** A person's own settings of conversations, which change with every draft. */
export const meLimit = { name: 'me', points: 300, perSeconds: 60, inProcess: true, by: 'actor' } as const
/** Avatars cost CPU. */
export const avatarLimit = { name: 'avatar', points: 20, perSeconds: 60, by: 'actor' } as const
/** Against guessing invite codes, also by many accounts from one address. */
export const codeLimits = [
  { name: 'invite', points: 60, perSeconds: 60, by: 'actor' },
  { name: 'invite-ip', points: 300, perSeconds: 60, by: 'ip' },
] as const
/** Edits, deletions, reactions, pins and stars; a person may tap many in a moment. */
export const messageChangeLimit = {
  name: 'message-change',
  points: 100,
  perSeconds: 10,
  inProcess: true,
  by: 'actor',
} as const
/** Every upload takes space, and is scanned at a cost. */
export const uploadLimit = { name: 'upload', points: 60, perSeconds: 60, by: 'actor' } as const
/**
 * Chunks of half a megabyte, about 25 MB a second. The window is short: hundreds at once delay
 * others.
 */
export const chunkLimit = {
  name: 'chunk',
  points: 120,
  perSeconds: 2,
  inProcess: true,
  by: 'actor',
} as const
/** A search as you type is one per letter. */
export const searchLimit = {
  name: 'search',
  points: 60,
  perSeconds: 10,
  inProcess: true,
  by: 'actor',
} as const
