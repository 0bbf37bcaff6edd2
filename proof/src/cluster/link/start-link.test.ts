import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@finnigram/stack'
import { afterEach, expect, test } from 'vitest'
import { tellsCommit } from './pass-bytes.ts'
import { type LinkOptions, type StartedLink, startLink } from './start-link.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

test('calm, it passes bytes both ways, and the end of each side by itself', async () => {
  const { talk } = await linkToEcho()
  const side = await talk('hello')
  expect(await side.says('hello')).toBe('hello')
  side.socket.end('bye')
  await side.closed
  expect(side.heard()).toBe('hellobye')
  expect(side.error()).toBeUndefined()
})

test('before it is aimed, connections are taken and wait', async () => {
  const far = await startEcho()
  const link = await startLink({ port: await freePort() })
  ends.push(() => link[Symbol.asyncDispose]())
  const side = await talkTo(link, 'early')
  await sleep(30)
  link.aim(far.port)
  expect(await side.says('early')).toBe('early')
})

test('delay is added in each direction to every byte, in order, without holding up what follows', async () => {
  const { link, talk } = await linkToEcho()
  const side = await talk('')
  link.disturb({ delayMs: 60 })
  const begun = performance.now()
  for (let number = 0; number < 20; number++) {
    side.socket.write(`${number} `)
    await sleep(5)
  }
  const all = Array.from({ length: 20 }, (_, number) => `${number} `).join('')
  expect(await side.says(all)).toBe(all)
  const tookMs = performance.now() - begun
  expect(tookMs).toBeGreaterThanOrEqual(200)
  // One after the other, twenty of them would take twenty times both ways.
  expect(tookMs).toBeLessThan(20 * 2 * 60)
})

test('slices reach the other side one by one', async () => {
  const { link, far, talk } = await linkToEcho()
  const side = await talk('')
  link.disturb({ sliceBytes: 7 })
  const text = 'abcdefghij'.repeat(20)
  side.socket.write(text)
  expect(await side.says(text)).toBe(text)
  expect(Math.max(...far.sizes)).toBeLessThanOrEqual(7 * 4)
  expect(far.sizes.length).toBeGreaterThan(5)
})

test('a narrow link passes no more bytes a second than it has room for, until it is healed', async () => {
  const { link, far, talk } = await linkToEcho()
  const side = await talk('')
  link.disturb({ bytesPerSecond: 2_000 })
  side.socket.write('x'.repeat(100_000))
  await sleep(300)
  expect(far.received()).toBeGreaterThan(0)
  expect(far.received()).toBeLessThan(5_000)
  link.heal()
  await expect.poll(() => far.received()).toBe(100_000)
})

test('silent, it takes connections and answers nothing, hangs open ones and tells nobody that a side ended; healed, all of it comes', async () => {
  const { link, far, talk } = await linkToEcho()
  const old = await talk('one ')
  const leaving = await talk('')
  expect(await old.says('one ')).toBe('one ')
  link.disturb({ isSilent: true })
  old.socket.write('two ')
  const fresh = await talk('hello')
  leaving.socket.end()
  await sleep(60)
  expect([old.heard(), fresh.heard(), far.received(), far.ended()]).toEqual(['one ', '', 4, 0])
  link.heal()
  expect(await old.says('one two ')).toBe('one two ')
  expect(await fresh.says('hello')).toBe('hello')
  await leaving.closed
  expect(far.ended()).toBe(1)
})

test('cut, both sides of every open connection are reset, and new ones work', async () => {
  const { link, far, talk } = await linkToEcho()
  const side = await talk('hello')
  await side.says('hello')
  link.cut()
  await side.closed
  expect(side.error()).toBe('ECONNRESET')
  await expect.poll(() => far.broken()).toBe(1)
  expect(await (await talk('again')).says('again')).toBe('again')
})

test('answers that are lost were given: the far side has done what was asked, and the connection is cut', async () => {
  const { link, far, talk } = await linkToEcho()
  const side = await talk('a')
  await side.says('a')
  link.disturb({ losesAnswers: true })
  side.socket.write('commit')
  await side.closed
  expect([side.heard(), far.received()]).toEqual(['a', 7])
})

test('of a PostgreSQL only the answer that ends a transaction is lost', async () => {
  const idle = 'Z\0\0\0\x05I'
  const { link, talk } = await linkToEcho({ isOutcome: tellsCommit })
  link.disturb({ losesAnswers: true })
  const begin = 'BEGIN Z\0\0\0\x05T'
  const side = await talk(begin)
  expect(await side.says(begin)).toBe(begin)
  side.socket.write(`COMMIT ${idle}`)
  await side.closed
  expect(side.heard()).toBe(begin)
})

test('closed, new connections are refused while open ones go on; healed, they are taken again', async () => {
  const { link, talk } = await linkToEcho()
  const side = await talk('a')
  await side.says('a')
  link.disturb({ isClosed: true })
  await expect.poll(async () => (await talk('b')).failure).toBe('ECONNREFUSED')
  side.socket.write('c')
  expect(await side.says('ac')).toBe('ac')
  link.heal()
  expect(await (await talk('d')).says('d')).toBe('d')
})

test('who does not read slows down who writes, however the conditions is', async () => {
  const lazy = await startLazy()
  const link = await startLink({ port: await freePort() })
  ends.push(() => link[Symbol.asyncDispose]())
  link.aim(lazy.port)
  for (const conditions of [{}, { delayMs: 5 }, { isSilent: true }]) {
    link.disturb(conditions)
    const { socket } = await talkTo(link, '')
    const chunk = Buffer.alloc(1_000_000)
    for (let number = 0; number < 64; number++) socket.write(chunk)
    await sleep(200)
    const before = socket.bytesWritten - socket.writableLength
    await sleep(200)
    expect(socket.writableLength).toBeGreaterThan(30_000_000)
    expect(socket.bytesWritten - socket.writableLength).toBe(before)
    socket.destroy()
  }
})

test('a far side that is not there resets the connection', async () => {
  const link = await startLink({ port: await freePort() })
  ends.push(() => link[Symbol.asyncDispose]())
  link.aim(await freePort())
  const side = await talkTo(link, 'hello')
  await side.closed
  expect(side.error()).toBe('ECONNRESET')
})

async function linkToEcho(options: Omit<LinkOptions, 'port'> = {}) {
  const far = await startEcho()
  const link = await startLink({ port: await freePort(), ...options })
  ends.push(() => link[Symbol.asyncDispose]())
  link.aim(far.port)
  return { link, far, talk: (text: string) => talkTo(link, text) }
}

/** Answers everything with itself, and counts. */
async function startEcho() {
  const sizes: number[] = []
  const counts = { ended: 0, broken: 0 }
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      sizes.push(bytes.length)
      socket.write(bytes)
    })
    socket.on('end', () => {
      counts.ended += 1
    })
    socket.on('error', () => {
      counts.broken += 1
    })
  })
  return {
    port: await listen(server),
    sizes,
    received: () => sizes.reduce((sum, size) => sum + size, 0),
    ended: () => counts.ended,
    broken: () => counts.broken,
  }
}

/** Takes connections and reads nothing. */
async function startLazy() {
  return { port: await listen(createServer((socket) => socket.pause().on('error', () => {}))) }
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** A connection through the link that has written `text`. */
async function talkTo(link: StartedLink, text: string) {
  const socket = connect({ port: link.port, host: '127.0.0.1', noDelay: true })
  ends.push(() => socket.destroy())
  const closed = Promise.withResolvers<void>()
  let heard = ''
  let error: string | undefined
  socket.on('data', (bytes) => {
    heard += bytes
  })
  socket.on('error', (cause: NodeJS.ErrnoException) => {
    error = cause.code
  })
  socket.once('close', () => closed.resolve())
  const opened = new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)))
  const isOpen = await Promise.race([opened, closed.promise.then(() => false)])
  if (isOpen && text !== '') socket.write(text)
  return {
    socket,
    failure: isOpen ? undefined : error,
    closed: closed.promise,
    heard: () => heard,
    error: () => error,
    /** What was heard, once it is as long as `whole`. */
    async says(whole: string) {
      await expect
        .poll(() => heard.length, { timeout: 5_000, interval: 5 })
        .toBeGreaterThanOrEqual(whole.length)
      return heard
    },
  }
}
