import type { Client, ConversationView, MessageView } from '@finnigram/client'
import type { Conversation, Message } from '@finnigram/contracts'
import type { DeviceView } from '../history/history.ts'
import type { Disk } from './disk.ts'

/** Reads all that a device shows and keeps, older and newer messages included. */
export async function readView(client: Client, disk: Disk): Promise<DeviceView> {
  const list = client.conversations.list()
  const messages: DeviceView['messages'] = []
  for (const { id } of list) {
    const items = await allShown(client, id)
    messages.push({ conversationId: id, ...split(items), kept: [] })
  }
  const byId = new Map(messages.map((one) => [one.conversationId, one]))
  for (const message of disk.read('messages')) byId.get(message.conversationId)?.kept.push(message)
  return {
    list: list.map(({ id }) => id),
    conversations: client.conversations.list().map(toConversation),
    messages,
  }
}

async function allShown(client: Client, id: string): Promise<readonly MessageView[]> {
  const messages = client.messages(id)
  for (;;) {
    const { hasBefore, hasAfter, loadingBefore, items } = messages.snapshot()
    if (loadingBefore) await new Promise((resolve) => setTimeout(resolve, 5))
    else if (hasBefore) await messages.loadBefore()
    else if (hasAfter) await messages.loadAfter()
    else return items
  }
}

function split(items: readonly MessageView[]): { shown: Message[]; waiting: number } {
  const shown = items.filter((item): item is Message & { localState?: undefined } => item.seq !== null)
  return {
    shown,
    waiting: items.filter(({ localState }) => localState !== undefined && localState !== 'failed').length,
  }
}

/** What a device adds for its screens; the types ask for a name that is new. */
const forScreens: Record<Exclude<keyof ConversationView, keyof Conversation>, true> = {
  draft: true,
  supersededDrafts: true,
  pendingCount: true,
  failedCount: true,
  displayTitle: true,
  peer: true,
  typing: true,
}

/**
 * Without what a device adds for its screens. When somebody was last seen is for users to tell, at
 * any time; messages answers null.
 */
function toConversation(view: ConversationView): Conversation {
  const told = Object.fromEntries(Object.entries(view).filter(([name]) => !(name in forScreens)))
  const participants = view.participants.map((one) => ({ ...one, user: { ...one.user, lastSeenAt: null } }))
  return { ...(told as unknown as Conversation), participants }
}
