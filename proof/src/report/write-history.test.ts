import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { good } from '../checker/mutate-history.ts'
import { writeEvidence } from './write-history.ts'

test('evidence that is written is read as it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'finnigram-evidence-'))
  try {
    const path = join(folder, 'evidence.json')
    const evidence = { ...good(), changes: [], pushes: null }
    await writeEvidence(path, evidence)
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(evidence)
  } finally {
    await rm(folder, { recursive: true })
  }
})
