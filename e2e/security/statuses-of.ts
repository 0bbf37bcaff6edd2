import { openConnection } from './open-connection.ts'
import type { Target } from './target.ts'

/** Sends bytes on a connection of their own; the statuses of all answers that come. */
export async function statusesOf({ url }: Target, bytes: string, silenceMs = 400): Promise<number[]> {
  using connection = await openConnection(url)
  connection.write(bytes)
  const text = await connection.answer(silenceMs)
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
