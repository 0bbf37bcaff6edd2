import { open } from 'node:fs/promises'
import type { RunHistory } from '../history/history.ts'

/** Writes history as JSON, piece by piece: that of a long run is longer than a string can be. */
export async function writeHistory(path: string, history: RunHistory): Promise<void> {
  await using file = await open(path, 'w')
  let separator = '{'
  for (const [name, value] of Object.entries(history)) {
    await file.write(`${separator}${JSON.stringify(name)}:`)
    separator = ',\n'
    if (!Array.isArray(value)) await file.write(JSON.stringify(value))
    else await file.write('[')
    for (const [index, item] of Array.isArray(value) ? value.entries() : []) {
      await file.write(`${index === 0 ? '' : ',\n'}${JSON.stringify(item)}`)
    }
    if (Array.isArray(value)) await file.write(']')
  }
  await file.write('}\n')
}
