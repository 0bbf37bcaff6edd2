import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RotatingLog } from '../src/home/rotating-log.ts'
import { makeHome } from './make-home.ts'

test('a log that outgrows its size moves aside and loses nothing, and its tail is remembered', async () => {
  await using home = await makeHome()
  const path = join(home.path, 'logs', 'busy.log')
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
