import type { GreedyKind } from './greedy-kind.ts'
import { groups, signIns } from './kinds/accounts.ts'
import { pipelined, slowConnections } from './kinds/connections.ts'
import { avatars, halfSent, pictures, sameChunks } from './kinds/files.ts'
import { documents, exportsKind, reads, searches } from './kinds/reading.ts'
import { socketEvents, socketsWithoutToken, socketsWithToken } from './kinds/sockets.ts'
import { hugeEdits, longTexts, manySends, reactions } from './kinds/writing.ts'

/**
 * Every kind of a greedy client by the name that `--kinds` takes, in the order they are measured.
 */
export const kinds = {
  texts: longTexts,
  sends: manySends,
  edits: hugeEdits,
  reactions,
  searches,
  reads,
  pictures,
  'half-sent': halfSent,
  chunks: sameChunks,
  avatars,
  groups,
  sockets: socketsWithToken,
  'no-token': socketsWithoutToken,
  'socket-events': socketEvents,
  pipelined,
  slow: slowConnections,
  documents,
  exports: exportsKind,
  'sign-ins': signIns,
} as const satisfies Record<string, GreedyKind>
export type KindName = keyof typeof kinds

export const kindNames = Object.keys(kinds) as KindName[]
