import { type Attachment, messagesApi } from '@finnigram/contracts'
import type { Actor } from '@finnigram/service-kit'
import type { UsersContext } from '../context.ts'
import { uploads } from './describe-files.ts'
import type { ArchivedFile } from './zip-archive.ts'

/** Longest to wait for a page, in milliseconds. */
const timeoutMs = 15_000

/** The files a person uploaded, and a list of them; each is fetched when its turn comes. Throws `unavailable`. */
export async function uploadedFiles({ messages }: UsersContext, { userId }: Actor): Promise<ArchivedFile[]> {
  const attachments: Attachment[] = []
  for (let after: string | undefined; ; ) {
    const query = { after }
    const page = await messages.call(messagesApi.exportAttachments, { params: { userId }, query, timeoutMs })
    attachments.push(...page.items)
    if (page.nextAfter === null) break
    after = page.nextAfter
  }
  const fetch = (attachmentId: string) =>
    messages.open(messagesApi.exportAttachment, { params: { userId, attachmentId } })
  return [
    { name: 'attachments.jsonl', content: () => toLines(attachments) },
    ...attachments.map(({ id, name, kind }) => ({
      name: `${uploads}${id} ${entryName(name)}`,
      isCompact: kind !== 'file',
      async *content() {
        yield* await fetch(id)
      },
    })),
  ]
}

async function* toLines(items: readonly unknown[]): AsyncGenerator<string> {
  for (const item of items) yield `${JSON.stringify(item)}\n`
}

/** What every system takes as a name in a folder. */
const entryName = (name: string) => name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_').slice(-150)
