import { setTimeout as sleep } from 'node:timers/promises'
import { openSockets, type Person } from './person.ts'
import { residentBytes } from './process-usage.ts'

/** Resident bytes that each joined, silent socket adds to the realtime processes. */
export async function measureIdleSocket(
  people: readonly Person[],
  realtimePids: readonly number[],
): Promise<number> {
  const resident = () => realtimePids.reduce((sum, pid) => sum + residentBytes(pid), 0)
  const before = resident()
  const sockets = await openSockets(people)
  await sleep(5_000)
  const perSocket = (resident() - before) / people.length
  for (const socket of sockets) socket.close()
  await sleep(1_000)
  return perSocket
}
