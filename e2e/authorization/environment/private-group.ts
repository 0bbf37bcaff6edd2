import { type Conversation, type Invite, newId } from '@finnigram/contracts'
import { done, type Person, succeeded } from './person.ts'
import { picture } from './picture.ts'
import { upload } from './upload.ts'

/** A group with something to hide: its title, texts and file names carry `canary`. */
export interface PrivateGroup {
  id: string
  canary: string
  /** What who is invited may know. */
  title: string
  /** A message of `author`, the same each time. */
  messageOf(author: Person): Promise<string>
  /** Code of an invite that can be used. */
  invite(): Promise<string>
  /** A picture that stands in a message of the owner. */
  attachment(): Promise<string>
  /** Makes sure that the group has a picture of its own. */
  avatar(): Promise<void>
  /** All ids and words that are nobody else's business, as far as they were made. */
  secrets(): string[]
}

interface Creators {
  owner: Person
  admin?: Person
  members?: readonly Person[]
}

/** Founds a group; the rest of it is made when it is asked for. */
export async function createPrivateGroup(
  url: string,
  { owner, admin, members = [] }: Creators,
): Promise<PrivateGroup> {
  const canary = `quokka${newId().slice(-8)}`
  const { token } = owner
  const userIds = [...(admin ? [admin] : []), ...members].map(({ userId }) => userId)
  const group = { kind: 'group', title: `${canary} title`, userIds }
  const { id } = await done<Conversation>(url, 'POST /v1/conversations', { token, body: group })
  const path = `/v1/conversations/${id}`
  if (admin) {
    const body = { role: 'admin' }
    await done(url, `PATCH ${path}/participants/${admin.userId}`, { token, body })
  }
  const secrets = [canary, id, group.title]
  const said = new Map<string, Promise<string>>()
  const say = async (author: Person, attachmentIds: string[] = []) => {
    const body = { id: newId(), text: `${canary} text of ${author.username}`, attachmentIds }
    await done(url, `POST ${path}/messages`, { token: author.token, body })
    secrets.push(body.id)
    return body.id
  }
  return {
    id,
    canary,
    title: group.title,
    messageOf(author) {
      const known = said.get(author.userId) ?? say(author)
      said.set(author.userId, known)
      return known
    },
    invite: once(async () => {
      const { code } = await done<Invite>(url, `POST ${path}/invites`, { token })
      secrets.push(code)
      return code
    }),
    attachment: once(async () => {
      const attachmentId = await upload(url, { token, name: `${canary}.png` })
      await say(owner, [attachmentId])
      secrets.push(attachmentId)
      return attachmentId
    }),
    avatar: once(async () => {
      await succeeded(url, `PUT ${path}/avatar`, { token, ...picture })
    }),
    secrets: () => secrets,
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
