import { execFile } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { upload } from '../authorization/environment/upload.ts'
import { ask } from '../src/ask.ts'
import type { Capability } from './capabilities.ts'
import { cpuMs } from './cpu-time.ts'
import { longest, longStalls } from './outage-case.ts'
import { outcomes, probeCapabilities, untilWell } from './probe-capabilities.ts'
import { type RunningProduct, startRunningProduct } from './running-product.ts'

const run = promisify(execFile)
const reads: Capability[] = [
  'read my profile',
  'find people',
  'list conversations',
  'read history',
  'search messages',
  'catch up',
  'open a socket',
]

/** A file system of its own, small enough to be filled; only root may mount one. */
const disk = await mkdtemp(join(tmpdir(), 'finnigram-disk-'))
const isMounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=500m', 'finnigram', disk]).then(
  () => true,
  () => false,
)
if (!isMounted)
  process.stdout.write('Skipped: a full disk, since a small file system of its own cannot be mounted here\n')
let product: RunningProduct

beforeAll(async () => {
  if (!isMounted) return
  product = await startRunningProduct({
    folder: disk,
    nodes: { users: 1, messages: 1, realtime: 1 },
    // Files usually stop before the disk is full.
    settings: () => ({ DISK_RESERVE_BYTES: '1' }),
  })
})
afterAll(async () => {
  await product?.[Symbol.asyncDispose]()
  if (isMounted) await run('umount', [disk])
  await rm(disk, { recursive: true })
})

test.skipIf(!isMounted)(
  'a full disk of everything: what is there can be read, the rest is refused for now, and nothing acknowledged is lost',
  async () => {
    const { cluster, session } = product
    await untilWell(product)
    await cluster.stalls()
    const ballast = await fill(join(disk, 'ballast'))
    const arrives = product.tell('told while the disk is full')
    const sent = await sendMany(120)
    const found = outcomes(await probeCapabilities(product, reads))
    const filing = await ask(cluster.url, 'POST /v1/auth/password/forgot', {
      body: { email: 'x@example.org' },
    })
    const uploading = await upload(cluster.url, { token: session.accessToken, name: 'p' }).catch(String)

    await rm(ballast)
    const begun = cpuMs()
    const healedMs = await untilWell(product)
    // How much room there is was last looked at a second ago, at most.
    await vi.waitFor(() => upload(cluster.url, { token: session.accessToken, name: 'p' }), 5000)
    await arrives
    const arrivedMs = cpuMs() - begun
    const stalls = await cluster.stalls()
    // PostgreSQL ends itself where it can write no log; it is started again, loses nothing, and is
    // well again in time.
    const ended = cluster.crashes.filter(({ name }) => name.endsWith('postgres'))
    process.stdout.write(
      `the disk is full: ${sent.acknowledged.length} of 120 sends stored, well after ${healedMs} ms, message there after ${arrivedMs} ms, longest stall ${longest(stalls)}, PostgreSQL ended itself ${ended.length} times\n`,
    )

    expect(found).toEqual(Object.fromEntries(reads.map((name) => [name, 'works'])))
    expect(sent.odd).toEqual([])
    expect([202, 503]).toContain(filing.status)
    expect(uploading).toMatch(/answered 503/)
    expect(healedMs).toBeLessThan(5_000)
    expect(await storedIds()).toEqual(expect.arrayContaining(sent.acknowledged))
    expect(cluster.crashes.filter((crash) => !ended.includes(crash))).toEqual([])
    expect(longStalls(stalls)).toEqual([])
  },
  120_000,
)

/** Writes zeros until there is no room for more. */
async function fill(path: string): Promise<string> {
  await using file = await open(path, 'w')
  for (const size of [1_048_576, 4_096, 1]) {
    const zeros = Buffer.alloc(size)
    while (
      await file.write(zeros).then(
        ({ bytesWritten }) => bytesWritten === size,
        () => false,
      )
    );
  }
  return path
}

/** Sends so much that the tables have to grow. */
async function sendMany(count: number) {
  const acknowledged: string[] = []
  const odd: string[] = []
  for (let number = 0; number < count; number++) {
    const id = newId()
    const { status, text, headers } = await ask(
      product.cluster.url,
      `POST /v1/conversations/${product.conversationId}/messages`,
      { token: product.session.accessToken, body: { id, text: 'x'.repeat(2_000) } },
    )
    if (status === 201) acknowledged.push(id)
    else if (status !== 503 || !headers.has('retry-after')) odd.push(`${status} ${text}`)
  }
  return { acknowledged, odd }
}

async function storedIds(): Promise<string[]> {
  const ids: string[] = []
  for (let after = 0, more = true; more; ) {
    const { body } = await ask(
      product.cluster.url,
      `GET /v1/conversations/${product.conversationId}/messages?after=${after}&limit=100`,
      { token: product.session.accessToken },
    )
    const { items, hasAfter } = body as { items: { id: string; seq: number }[]; hasAfter: boolean }
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, index) => after + index + 1))
    ids.push(...items.map(({ id }) => id))
    after = items.at(-1)?.seq ?? after
    more = hasAfter
  }
  return ids
}
