import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RotatingLog } from '../src/data-directory/rotating-log.ts'
import { makeDataDirectory } from './make-data-directory.ts'

test('a log rotates beyond its size without a loss, and keeps its tail', async () => {
  await using directory = await makeDataDirectory()
  const path = join(directory.path, 'logs', 'busy.log')
  {
    await using log = await RotatingLog.open(path, 400)
    for (let number = 0; number < 60; number++) {
      log.write(Buffer.from(`line ${number}\n`))
      if (number % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(log.tail(2)).toBe('line 58\nline 59')
  }
  const texts = await Promise.all(
    ['.2', '.1', ''].map((ending) => readFile(path + ending, 'utf8').catch(() => '')),
  )
  expect(texts.join('').trim().split('\n')).toEqual(
    Array.from({ length: 60 }, (_, number) => `line ${number}`),
  )
})

test.skipIf(process.platform !== 'linux')(
  'lines that a full disk has no room for are lost, those after it are not',
  async () => {
    await using directory = await makeDataDirectory()
    const path = join(directory.path, 'full.log')
    await symlink('/dev/full', path)
    await using log = await RotatingLog.open(path)
    log.write(Buffer.from('lost\n'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await rm(path)
    log.write(Buffer.from('kept\n'))
    await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toBe('kept\n')
  },
)

test.skipIf(process.platform === 'win32')(
  'what a slow disk does not take is dropped beyond a bound, and the log says how much is missing',
  async () => {
    await using directory = await makeDataDirectory()
    // Takes nothing until somebody reads.
    const path = join(directory.path, 'slow.log')
    execFileSync('mkfifo', [path])
    await using log = await RotatingLog.open(path, 100_000_000)
    const line = Buffer.from(`${'x'.repeat(99_999)}\n`)
    for (let count = 0; count < 60; count += 1) log.write(line)
    const { dropped } = log
    expect(dropped).toBeGreaterThan(1_000_000)
    expect(dropped).toBeLessThan(2_000_000)
    expect(log.tail(1)).toMatch(/^x+$/)

    let text = ''
    createReadStream(path, 'utf8').on('data', (chunk) => {
      text += chunk
    })
    await expect.poll(() => text.length).toBe(6_000_000 - dropped)
    log.write(Buffer.from('after\n'))
    await expect
      .poll(() => text.slice(6_000_000 - dropped))
      .toBe(`\n[${dropped} bytes are missing here: the disk was too slow]\nafter\n`)
    expect(log.dropped).toBe(0)
  },
)
