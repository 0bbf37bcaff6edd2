import type { ServerResponse } from 'node:http'

/** How a push service answers: a status, one with headers and body, never, or without an end. */
export type PushAnswer =
  | number
  | { status: number; headers?: Record<string, string>; body?: string }
  | 'hang'
  | 'endless'

/** Answers as it was told to. */
export function giveAnswer(response: ServerResponse, answer: PushAnswer): void {
  if (answer === 'hang') return
  if (answer === 'endless') {
    response.writeHead(500)
    const more = () => {
      while (response.write(Buffer.alloc(16_384, 'x')));
    }
    response.on('drain', more)
    more()
    return
  }
  const { status, headers = {}, body = '' } = typeof answer === 'number' ? { status: answer } : answer
  response.writeHead(status, headers).end(body)
}
