/** One request as a client of any kind could make it, with nothing checked before it leaves. */
export interface Question {
  token?: string | undefined
  query?: Record<string, string | number> | undefined
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is, in place of `body`. */
  bytes?: Uint8Array | string | undefined
  headers?: Record<string, string> | undefined
}

export interface Reply {
  status: number
  headers: Headers
  /**
   * The body as it came; bytes that are no text stand as latin1, so that nothing in them is lost to
   * a search.
   */
  text: string
  /** The body where it is JSON. */
  body: unknown
}

/**
 * Asks `GET /v1/…` (method and path in one) of the server at `url` and gives whatever it answers.
 */
export async function ask(url: string, request: string, question: Question = {}): Promise<Reply> {
  const [method = 'GET', path = '/'] = request.split(' ')
  const { token, query, body, bytes, headers } = question
  const search = query === undefined ? '' : `?${new URLSearchParams(stringsOf(query))}`
  const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body))
  const reply = await fetch(url + path + search, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content as BodyInit }),
  })
  const isJson = /json/.test(reply.headers.get('content-type') ?? '')
  const raw = Buffer.from(await reply.arrayBuffer())
  const text = raw.toString(isJson ? 'utf8' : 'latin1')
  return {
    status: reply.status,
    headers: reply.headers,
    text,
    body: isJson && text ? JSON.parse(text) : null,
  }
}

const stringsOf = (query: Record<string, string | number>) =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))
