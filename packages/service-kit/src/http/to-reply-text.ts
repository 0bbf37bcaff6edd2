import type { RouteContract } from '@finnigram/contracts'
import { JsonText } from './json-text.ts'

/** The JSON of a reply; `undefined` for an empty one. With `check`, throws when the body is not what the contract says. */
export function toReplyText(
  { reply, method, path }: RouteContract,
  status: number,
  { body, check }: { body: unknown; check: boolean },
): string | undefined {
  const schema = Object.entries(reply).find(([known]) => Number(known) === status)?.[1]
  if (schema === undefined) throw new Error(`${method} ${path} does not know the reply ${status}`)
  if (schema === null) return undefined
  if ('file' in schema) throw new Error(`${method} ${path} answers a file`)
  const text = body instanceof JsonText ? body.text : JSON.stringify(body)
  if (check) {
    const result = schema.safeParse(JSON.parse(text))
    if (!result.success) {
      throw new Error(`The reply ${status} of ${method} ${path} is not what its contract says`, {
        cause: result.error,
      })
    }
  }
  return text
}
