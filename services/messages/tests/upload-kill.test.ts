import { randomBytes } from 'node:crypto'
import { access, chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, freePort } from '@finnigram/testing'
import { Upload } from 'tus-js-client'
import { describe, expect, test } from 'vitest'
import { openFileStorage } from './fixture/open-file-storage.ts'
import { openFolder } from './fixture/open-folder.ts'
import { startRestartableService } from './fixture/restartable-service.ts'
import { type Person, startTestMessages } from './fixture/start-test-messages.ts'
import { beginUpload, fetchFile } from './fixture/upload.ts'

/**
 * Uploads as an app would: in chunks of half a megabyte, trying again whatever happens. Without an
 * `endpoint`, because with one tus-js-client begins anew whenever the service is away as it asks
 * how far it is.
 */
async function uploadPatiently({ url }: { url: string }, person: Person, bytes: Buffer) {
  const begun = await beginUpload({ url }, person, { length: bytes.length })
  const location = begun.headers.get('location') ?? ''
  let accepted = 0
  const finished = new Promise<void>((resolve, reject) => {
    new Upload(bytes, {
      uploadUrl: url + location,
      chunkSize: 512 * 1024,
      retryDelays: Array.from({ length: 200 }, () => 100),
      headers: { authorization: `Bearer ${person.token}` },
      onChunkComplete: (_size, all) => {
        accepted = all
      },
      onError: reject,
      onSuccess: () => resolve(),
    }).start()
  })
  return { path: location.replace('uploads', 'attachments'), finished, accepted: () => accepted }
}

describe.each(['disk', 's3'] as const)('uploads kept on %s', { timeout: 60_000 }, (kind) => {
  test('go on after the service was killed in the middle', async () => {
    await using place = await openFileStorage(kind)
    await using messages = await startTestMessages({ env: place.env })
    const alice = await messages.join('Alice')
    const env = { ...messages.env, PORT: String(await freePort()) }
    await using mortal = await startRestartableService(env)
    const bytes = randomBytes(12_000_000)
    const uploading = await uploadPatiently(mortal, alice, bytes)
    for (const after of [2_000_000, 6_000_000]) {
      await eventually(() => expect(uploading.accepted()).toBeGreaterThan(after), { within: 30_000 })
      await mortal.kill()
      await mortal.start()
    }

    await uploading.finished
    const file = await fetchFile(messages.node, alice, uploading)
    expect(file.bytes.equals(bytes)).toBe(true)
    expect(await place.list()).toEqual([expect.stringMatching(/^blobs/)])
  })
})

test('a service killed while it looks at a file does so when it is asked again', {
  timeout: 60_000,
}, async () => {
  await using place = await openFileStorage('disk')
  await using folder = await openFolder()
  await using messages = await startTestMessages({ env: place.env })
  const alice = await messages.join('Alice')
  const inFolder = (name: string) => join(folder.path, name)
  const [script, begun, hold] = [inFolder('scan.sh'), inFolder('begun'), inFolder('hold')]
  await writeFile(script, `#!/bin/sh\ntouch ${begun}\nwhile [ -e ${hold} ]; do sleep 0.02; done\nexit 0\n`)
  await chmod(script, 0o755)
  await writeFile(hold, '')
  const env = { ...messages.env, PORT: String(await freePort()), SCAN_COMMAND: script }
  await using mortal = await startRestartableService(env)
  const bytes = randomBytes(700_000)
  const uploading = await uploadPatiently(mortal, alice, bytes)
  await eventually(() => access(begun), { within: 30_000 })
  await mortal.kill()
  await rm(hold)
  await mortal.start()

  await uploading.finished
  expect((await fetchFile(messages.node, alice, uploading)).bytes.equals(bytes)).toBe(true)
  expect(await place.list()).toEqual([expect.stringMatching(/^blobs/)])
})
