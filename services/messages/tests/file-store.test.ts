import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { freePort } from '@finnigram/testing'
import { describe, expect, test } from 'vitest'
import { openFileStore } from '../src/attachments/store/open-file-store.ts'
import { readConfig } from '../src/config.ts'
import { openFileStorage } from './fixture/open-file-storage.ts'
import { testEnv } from './fixture/start-test-messages.ts'

const configWith = (more: Record<string, string>) =>
  readConfig(
    testEnv({
      databaseUrl: 'postgresql://localhost/x',
      redisUrl: 'redis://localhost',
      usersUrl: 'http://localhost',
      more,
    }),
  )

const textOf = async (stream: Readable) => (await buffer(stream)).toString()

describe.each(['disk', 's3'] as const)('files on %s', (kind) => {
  test('are stored, opened in whole or in part, and deleted by key prefix', async () => {
    await using place = await openFileStorage(kind)
    await using store = openFileStore(configWith(place.env))

    await store.put('uploads/a/0', Buffer.from('hello world'))
    await store.put('uploads/a/1', Buffer.from('!'))
    await store.put('uploads/ab/0', Buffer.from('other'))
    expect(await textOf(await store.open('uploads/a/0'))).toBe('hello world')
    expect(await textOf(await store.open('uploads/a/0', { start: 4, end: 6 }))).toBe('o w')

    await store.deleteAll('uploads/a/')
    await store.deleteAll('uploads/a/')
    await store.deleteAll('uploads/never/')
    expect(await place.list()).toEqual(['uploads/ab/0'])
    await expect(store.open('uploads/a/0').then(textOf)).rejects.toThrow()
  })

  test('come from files of any size', async () => {
    await using place = await openFileStorage(kind)
    await using store = openFileStore(configWith(place.env))
    for (const [name, size] of [
      ['empty', 0],
      ['large', 3_000_000],
    ] as const) {
      const path = join(place.env['FILES_DIR'] ?? '', name)
      await writeFile(path, Buffer.alloc(size, 7))
      await store.putFile(`blobs/00/${name}/original`, path)
      expect((await buffer(await store.open(`blobs/00/${name}/original`))).length).toBe(size)
    }
  })
})

test('the folder is private to its user', async () => {
  await using place = await openFileStorage('disk')
  const folder = join(place.env['FILES_DIR'] ?? '', 'own')
  await using store = openFileStore(configWith({ FILES_DIR: folder }))
  await store.put('uploads/a/0', Buffer.from('private'))

  expect((await stat(folder)).mode & 0o777).toBe(0o700)
})

test('a bucket that cannot be reached is unavailable', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`
  const keys = { S3_ACCESS_KEY_ID: 'x', S3_SECRET_ACCESS_KEY: 'x', S3_BUCKET: 'files' }
  await using store = openFileStore(configWith({ ...keys, S3_ENDPOINT: nowhere }))

  await expect(store.put('uploads/a/0', Buffer.from('x'))).rejects.toMatchObject({ code: 'unavailable' })
  await expect(store.open('uploads/a/0')).rejects.toMatchObject({ code: 'unavailable' })
})

test.each([
  [{ S3_ENDPOINT: 'http://localhost:9000' }, 'S3_BUCKET'],
  [{ S3_BUCKET: 'files', S3_ACCESS_KEY_ID: 'x' }, 'S3_SECRET_ACCESS_KEY'],
  [{ S3_BUCKET: 'files', S3_SECRET_ACCESS_KEY: 'x' }, 'S3_ACCESS_KEY_ID'],
  [{ S3_ENDPOINT: 'ftp://x' }, 'S3_ENDPOINT: must be'],
  [{ S3_FORCE_PATH_STYLE: 'maybe' }, 'S3_FORCE_PATH_STYLE'],
  [{ UPLOAD_MAX_BYTES: '100 MB' }, 'UPLOAD_MAX_BYTES: must be a number of bytes'],
  [{ UPLOAD_QUOTA_BYTES: '-1' }, 'UPLOAD_QUOTA_BYTES'],
  [{ CLAMD_SOCKET: 'somewhere' }, 'CLAMD_SOCKET: must be a path or host:port'],
])('settings that cannot be meant are named: %j', (env, mistake) => {
  expect(() => configWith(env)).toThrow(mistake)
})

test('without settings, files of 100 MiB and 5 GiB a person are kept in a folder', () => {
  expect(configWith({})).toMatchObject({
    FILES_DIR: '.finnigram/files',
    UPLOAD_MAX_BYTES: 104_857_600,
    UPLOAD_QUOTA_BYTES: 5_368_709_120,
  })
})
