import type { SyncReply } from '@finnigram/contracts'

/** Conversations of one page: their versions fit well into the largest body a server takes. */
const mostInPage = 2000

export interface SyncPageRequest {
  known: Record<string, number>
  since: string | undefined
  /** Undefined when one page holds all. */
  range?: { after: string | null; until: string | null }
}

export interface PagedSync {
  /** Where the last sync ended. */
  since: string | undefined
  /** What is known now, by conversation id; asked before every call. */
  versions(): Record<string, number>
  ask(request: SyncPageRequest): Promise<SyncReply>
  /** Stores a reply; `cursor` comes with the last one, and is where the next sync begins. */
  take(reply: SyncReply, asked: Record<string, number>, cursor: string | undefined): Promise<void>
  signal?: AbortSignal
  /** Conversations of one page. */
  pageSize?: number
}

/**
 * One sync of any number of conversations: in one call where they are few, otherwise in ranges of
 * ids, each asked for until it has no more. The next sync begins at the cursor of the first range:
 * what changed in it since then is sent again, and nothing is missed. Returns ids of groups that
 * wait for an answer; undefined if the server does not say.
 */
export async function syncInPages(options: PagedSync): Promise<string[] | undefined> {
  const { versions, ask, take, signal, pageSize = mostInPage } = options
  const invited: string[] = []
  let { since } = options
  let cursor: string | undefined
  let saysInvited = false
  for (let after: string | null = null; !signal?.aborted; ) {
    const { known, until } = planPage(versions(), { after, pageSize })
    const isAll = after === null && until === null
    const reply = await ask({ known, since, ...(isAll ? {} : { range: { after, until } }) })
    if (!reply.more) cursor ??= reply.cursor
    const isLast = !reply.more && until === null
    await take(reply, known, isLast ? cursor : undefined)
    if (reply.more) {
      since = reply.cursor
      continue
    }
    saysInvited ||= reply.invited !== undefined
    invited.push(...(reply.invited ?? []))
    if (until === null) return saysInvited ? invited : undefined
    after = until
    since = options.since
  }
  return undefined
}

/**
 * The known conversations after an id, as many as fit, and the last of them when there are more.
 */
function planPage(
  versions: Record<string, number>,
  { after, pageSize }: { after: string | null; pageSize: number },
): { known: Record<string, number>; until: string | null } {
  const ids = Object.keys(versions)
  if (after === null && ids.length <= pageSize) return { known: versions, until: null }
  const rest = ids.filter((id) => after === null || id > after).sort()
  const page = rest.slice(0, pageSize)
  const known = Object.fromEntries(page.map((id) => [id, versions[id] ?? 0]))
  return { known, until: rest.length > pageSize ? (page.at(-1) ?? null) : null }
}
