import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { eventually } from '@finnigram/service-kit/testing'
import { expect, test } from 'vitest'
import { openDevice } from './fixture/person.ts'
import { newWho } from './fixture/start-issuer.ts'
import { startWorld } from './fixture/start-world.ts'

test('a node that stops says goodbye to everyone, each with a moment of their own', async () => {
  await using world = await startWorld()
  const devices = await Promise.all(Array.from({ length: 20 }, () => world.enter(newWho())))

  const startedAt = performance.now()
  await world.nodes[0]?.[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(4000)

  const moments = devices.map((device) => device.heard('goodbye')[0]?.retryAfterMs ?? -1)
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(500)
  expect(new Set(moments).size).toBeGreaterThan(15)
  for (const device of devices) await eventually(() => expect(device.endedBy()).toBe('transport close'))
})

test('the process ends by itself on SIGTERM, sockets or not', async () => {
  await using world = await startWorld({ nodes: 0 })
  const main = new URL('../src/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      REDIS_URL: world.redis.url,
      USERS_URL: world.issuer.url,
      MESSAGES_URL: world.archive.url,
      INTERNAL_TOKEN: 'a secret among services',
    },
  })
  await using _ended = { [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') }
  const url = await urlOf(child)
  const who = newWho()
  using device = openDevice(url, await world.issuer.tokenOf(who), who)
  await device.hears('ready')

  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect(device.heard('goodbye')).toHaveLength(1)
})

/** Where a node says that it listens, once it serves. */
async function urlOf({ stdout }: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  let output = ''
  stdout.on('data', (chunk) => {
    output += chunk
  })
  return eventually(
    async () => {
      const url = /"url":"([^"]+)"/.exec(output)?.[1]
      expect((await fetch(`${url}/health/ready`)).status).toBe(200)
      return String(url)
    },
    { within: 10_000 },
  )
}
