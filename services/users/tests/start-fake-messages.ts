import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { messagesApi, RouteBody, RouteReply } from '@finnigram/contracts'

type Conversations = RouteReply<typeof messagesApi.exportConversations>
type ContactsLookup = RouteBody<typeof messagesApi.lookupContacts>
type Messages = RouteReply<typeof messagesApi.exportMessages>

export interface FakeMessages extends AsyncDisposable {
  readonly url: string
  /** Pages of messages that were requested. */
  asked: number
  /** The reply to a request for messages; undefined closes the connection. */
  page: (after: string | undefined) => Messages | undefined
  conversations: Conversations['items']
  /** Look-ups of contacts so far, and the reply to them; undefined closes the connection. */
  contactLookups: ContactsLookup[]
  contacts: (lookup: ContactsLookup) => string[] | undefined
  stars: RouteReply<typeof messagesApi.exportStars>['items']
  reactions: RouteReply<typeof messagesApi.exportReactions>['items']
  attachments: RouteReply<typeof messagesApi.exportAttachments>['items']
  /** What every attachment consists of. */
  file: Uint8Array
}

/**
 * The export routes of a messages service, with as much data as a test needs, or a failure midway.
 */
export async function startFakeMessages(): Promise<FakeMessages> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    if (pathname === '/internal/contacts/lookup') return void answerContacts(fakeMessages, request, response)
    if (pathname.endsWith('/conversations')) {
      const reply: Conversations = { items: fakeMessages.conversations, nextAfter: null }
      return answer(response, reply)
    }
    if (pathname.endsWith('/stars')) return answer(response, { items: fakeMessages.stars, nextAfter: null })
    if (pathname.endsWith('/reactions')) {
      return answer(response, { items: fakeMessages.reactions, nextAfter: null })
    }
    if (pathname.endsWith('/attachments')) {
      return answer(response, { items: fakeMessages.attachments, nextAfter: null })
    }
    if (pathname.includes('/attachments/')) return void response.end(fakeMessages.file)
    fakeMessages.asked += 1
    const page = fakeMessages.page(searchParams.get('after') ?? undefined)
    if (page) answer(response, page)
    else response.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const fakeMessages: FakeMessages = {
    url: `http://127.0.0.1:${port}`,
    asked: 0,
    page: () => ({ items: [], nextAfter: null }),
    conversations: [],
    contactLookups: [],
    contacts: () => [],
    stars: [],
    reactions: [],
    attachments: [],
    file: new Uint8Array(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
  return fakeMessages
}

async function answerContacts(
  fakeMessages: FakeMessages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const lookup = (await json(request)) as ContactsLookup
  fakeMessages.contactLookups.push(lookup)
  const userIds = fakeMessages.contacts(lookup)
  if (userIds) answer(response, { userIds })
  else response.destroy()
}

function answer(response: ServerResponse, reply: object): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(reply))
}
