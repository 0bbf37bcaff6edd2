import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Environment } from './config.ts'
import { inRoot } from './root.ts'

/** The environment over what the file `.env` of the repository says, where there is one. */
export function readEnvironment(path = inRoot('.env'), environment: Environment = process.env): Environment {
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // There need not be one.
  }
  return { ...parseEnv(text), ...environment }
}
