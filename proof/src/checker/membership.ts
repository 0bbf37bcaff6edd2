import type { StoredConversation } from '../history/history.ts'

/**
 * From the event by which somebody came in to the one by which they went: versions; `to` is null
 * for who is in.
 */
export interface Membership {
  from: number
  to: number | null
}

/** When each person took part, from the events. */
export function membershipsOf({ events }: StoredConversation): Map<string, Membership[]> {
  const all = new Map<string, Membership[]>()
  for (const { version, type, userIds } of events) {
    for (const userId of userIds) {
      const own = all.get(userId) ?? []
      all.set(userId, own)
      const last = own.at(-1)
      if (type === 'participant.removed') {
        if (last && last.to === null) last.to = version
      } else if (!last || last.to !== null) own.push({ from: version, to: null })
    }
  }
  return all
}

/** The version of the event by which each message came. */
export function createdVersions({ events }: StoredConversation): Map<string, number> {
  const pairs = events.flatMap(({ messageId, version }): [string, number][] =>
    messageId ? [[messageId, version]] : [],
  )
  return new Map(pairs)
}
