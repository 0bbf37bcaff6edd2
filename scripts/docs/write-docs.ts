import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describeDataModel } from './data-model.ts'
import { describeSettings, exampleEnvironment } from './settings.ts'

const root = resolve(import.meta.dirname, '../..')

/** Documents that are written from the code. */
const documents: Record<string, () => string> = {
  'docs/data-model.md': describeDataModel,
  'docs/settings.md': describeSettings,
  '.env.example': exampleEnvironment,
}

/** Paths of the documents that do not say what the code says now. */
export function staleDocs(): string[] {
  return Object.entries(documents)
    .filter(([path, write]) => read(path) !== write())
    .map(([path]) => path)
}

/** Writes them anew. */
export function writeDocs(): void {
  for (const [path, write] of Object.entries(documents)) writeFileSync(join(root, path), write())
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}
