import type { LookupAddress } from 'node:dns'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { lookUpPublicHost } from './look-up-public-host.ts'

const lookUp = (hostname: string, options = {}) =>
  new Promise<[address: string | LookupAddress[], family: number | undefined]>((resolve, reject) => {
    lookUpPublicHost(hostname, options, (error, address, family) => {
      if (error) reject(error)
      else resolve([address, family])
    })
  })

test('addresses of the public internet are found, one or all', async () => {
  expect(await lookUp('8.8.8.8')).toEqual(['8.8.8.8', 4])
  expect(await lookUp('2606:4700::1111', { all: true })).toEqual([
    [{ address: '2606:4700::1111', family: 6 }],
    undefined,
  ])
})

test.each(['localhost', '10.1.2.3', '169.254.169.254', '::1', '::ffff:127.0.0.1'])(
  '%s is as good as not there',
  async (hostname) => {
    for (const options of [{}, { all: true }, { family: 0, hints: 0 }])
      await expect(lookUp(hostname, options)).rejects.toMatchObject({ code: 'ENOTPUBLIC' })
  },
)

test('an agent with it does not connect to what a name means inside', async () => {
  let requests = 0
  const server = createServer((_request, response) => {
    requests += 1
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ lookup: lookUpPublicHost })
  try {
    const tried = new Promise((resolve, reject) => {
      get(`http://localhost:${port}/`, { agent }, resolve).on('error', reject)
    })
    await expect(tried).rejects.toMatchObject({ code: 'ENOTPUBLIC' })
    expect(requests).toBe(0)
  } finally {
    agent.destroy()
    server.close()
  }
})
