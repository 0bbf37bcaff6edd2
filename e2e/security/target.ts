import { type Conversation, newId } from '@finnigram/contracts'
import { expect } from 'vitest'
import { done, type Person, registerPerson } from '../authorization/environment/person.ts'
import { ask, type Question, type Reply } from '../src/ask.ts'
import { startServerSide } from '../src/start-server-side.ts'

/** The running product, two people who talk to each other, and one who attacks them. */
export interface Target extends AsyncDisposable {
  url: string
  home: string
  nodes: readonly { service: string; url: string }[]
  usersDatabase: string
  ada: Person
  grace: Person
  mallory: Person
  /** The direct conversation of Ada and Grace. */
  chat: string
  /** Asks, and fails the test when the answer is a 500 or shows the inside of the server. */
  ask(request: string, question?: Question): Promise<Reply>
  newPerson(): Promise<Person>
  /** Passwords and tokens that must not be written anywhere. */
  secrets: Set<string>
}

/** What no answer may show: stacks, files, SQL, names of libraries. */
const innards =
  /\bat .+:\d+:\d+|node_modules|\/(services|packages)\/|\.ts\b|\b(SELECT|INSERT|UPDATE|DELETE) .+ (FROM|INTO|SET|WHERE)\b|prisma|postgres|redis|ECONN|ENOENT|zod|express/i

export async function startTarget(environment: Record<string, string> = {}): Promise<Target> {
  const server = await startServerSide(environment)
  const { url, stack } = server
  const secrets = new Set<string>()
  const newPerson = async (name = 'person') => {
    const person = await registerPerson(url, name)
    for (const secret of [person.password, person.token, person.refreshToken]) if (secret) secrets.add(secret)
    return person
  }
  const [ada, grace, mallory] = await Promise.all([
    newPerson('ada'),
    newPerson('grace'),
    newPerson('mallory'),
  ])
  const body = { kind: 'direct', userId: grace.userId }
  const { id: chat } = await done<Conversation>(url, 'POST /v1/conversations', { token: ada.token, body })
  await done(url, `POST /v1/conversations/${chat}/messages`, {
    token: ada.token,
    body: { id: newId(), text: 'Between us' },
  })
  return {
    url,
    home: stack.dataDirectory,
    nodes: stack.nodes,
    usersDatabase: stack.links.usersDatabase,
    ada,
    grace,
    mallory,
    chat,
    secrets,
    newPerson,
    async ask(request, question) {
      const reply = await ask(url, request, question)
      expect(reply.status, `${request}: ${reply.text.slice(0, 300)}`).not.toBe(500)
      if (reply.status >= 400) expect(reply.text).not.toMatch(innards)
      return reply
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Expects a refusal with this code. */
export function expectRefused({ status, body }: Reply, code: string): void {
  expect({ status, body }).toMatchObject({ body: { code, status } })
}
