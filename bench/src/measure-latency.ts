import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@finnigram/contracts'
import { messageText } from './frames.ts'
import { type LatencySummary, summarise } from './latencies.ts'
import { openSocket } from './person.ts'
import { call, type Group } from './population.ts'

/** On an idle server: one person sends by REST, the clock stops at the other's socket. Answers milliseconds. */
export async function measureIdleLatency(url: string, group: Group, count = 300): Promise<LatencySummary> {
  const [sender, receiver] = group.members
  if (sender === undefined || receiver === undefined) throw new Error('It takes two')
  let arrived: (at: number) => void = () => {}
  const socket = await openSocket(receiver, (_numbers, at) => arrived(at))
  const samples: number[] = []
  for (let number = 0; number < count + 20; number += 1) {
    const arrival = new Promise<number>((resolve) => {
      arrived = resolve
    })
    const sentAt = performance.now()
    const body = { id: newId(), text: messageText(number) }
    await Promise.all([
      call(url, `/v1/conversations/${group.id}/messages`, { token: sender.token, body }),
      arrival,
    ])
    const latency = (await arrival) - sentAt
    if (number >= 20) samples.push(latency)
    await sleep(10)
  }
  socket.close()
  return summarise(samples)
}
