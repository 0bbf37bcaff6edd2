import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recorded } from '../checker/mutate-history.ts'
import { writeHistory } from './write-history.ts'

test('history that is written is read as it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'finnigram-history-'))
  try {
    const path = join(folder, 'history.json')
    const history = { ...recorded(), changes: [], pushes: null }
    await writeHistory(path, history)
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(history)
  } finally {
    await rm(folder, { recursive: true })
  }
})
