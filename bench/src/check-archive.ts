import type { Message } from '@finnigram/contracts'
import { call, type Group } from './population.ts'

interface HistoryPage {
  items: Message[]
  lastSeq: number
  hasBefore: boolean
}

/** Reads each group's whole history and counts what breaks the promise: holes or twins in `seq`, and ids stored twice. */
export async function checkArchive(
  url: string,
  groups: readonly Group[],
): Promise<{ messages: number; broken: number }> {
  let messages = 0
  let broken = 0
  for (const { id, members } of groups) {
    const ids = new Set<string>()
    let expected: number | undefined
    let before: number | undefined
    for (let more = true; more; ) {
      const query = before === undefined ? '' : `&before=${before}`
      const page = await call<HistoryPage>(url, `/v1/conversations/${id}/messages?limit=100${query}`, {
        token: members[0]?.token ?? '',
      })
      expected ??= page.lastSeq
      for (const message of page.items.toReversed()) {
        if (message.seq !== expected || ids.has(message.id)) broken += 1
        ids.add(message.id)
        expected = message.seq - 1
      }
      messages += page.items.length
      before = page.items[0]?.seq
      more = page.hasBefore
    }
    if (expected !== 0 && ids.size > 0) broken += 1
  }
  return { messages, broken }
}
