import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareDataDirectory } from '../src/data-directory/prepare-data-directory.ts'

/** A fresh FINNIGRAM_HOME that is gone after the test. */
export async function makeDataDirectory(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'finnigram-stack-'))
  await prepareDataDirectory(path)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
