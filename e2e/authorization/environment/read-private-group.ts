import type { Conversation } from '@finnigram/contracts'
import type { Environment } from './environment.ts'
import { done } from './person.ts'

/** Everything that can be known of the group, as its owner sees it. */
export async function readPrivateGroup({ url, people, group }: Environment): Promise<unknown> {
  const { token } = people.owner
  const read = <T>(path: string) => done<T>(url, `GET /v1/conversations/${group.id}${path}`, { token })
  const { participants, ...conversation } = await read<Conversation>('')
  return {
    conversation,
    participants: participants.map(({ userId, role, lastReadSeq }) => ({ userId, role, lastReadSeq })),
    messages: await read('/messages?limit=100'),
    events: withoutProfiles(await read('/events?limit=1000')),
    pins: await read('/pins'),
    invites: await read('/invites'),
    invitations: withoutProfiles(await read('/invitations')),
  }
}

/** Whose account it is may change a profile at any time; it is no part of the group. */
const withoutProfiles = (told: unknown): unknown =>
  JSON.parse(JSON.stringify(told, (key, value: unknown) => (key === 'user' ? undefined : value)))
