import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { StartFailure } from '../start-failure.ts'

const Secrets = z.object({
  internalToken: z.string(),
  secretsKey: z.string(),
  redisPassword: z.string(),
  postgresPassword: z.string(),
  usersPassword: z.string(),
  messagesPassword: z.string(),
  adaPassword: z.string(),
  gracePassword: z.string(),
})

/** What only this installation knows; made at the first start, kept in `secrets.json`, readable by its owner alone. */
export type Secrets = z.infer<typeof Secrets>

/** Makes the folders of `home`. Others may pass through it (PostgreSQL runs as its own user under root), not list it. */
export async function prepareHome(home: string): Promise<void> {
  await mkdir(join(home, 'logs'), { recursive: true })
  await mkdir(join(home, 'run'), { recursive: true })
  await mkdir(join(home, 'redis'), { recursive: true })
  await mkdir(join(home, 'files'), { recursive: true })
  await chmod(home, 0o711)
  await chmod(join(home, 'logs'), 0o700)
  await chmod(join(home, 'redis'), 0o700)
  await chmod(join(home, 'files'), 0o700)
}

/** Reads the secrets of `home`, making those that are not there yet. */
export async function readSecrets(home: string): Promise<Secrets> {
  const path = join(home, 'secrets.json')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  const known = text === undefined ? {} : parse(path, text)
  const secrets = { ...newSecrets(), ...known }
  await writeFile(`${path}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return secrets
}

function parse(path: string, text: string): Partial<Secrets> {
  try {
    return Secrets.partial().parse(JSON.parse(text))
  } catch {
    throw new StartFailure(`${path} is damaged: restore it from a backup (the databases need its passwords).`)
  }
}

const secret = () => randomBytes(24).toString('base64url')

function newSecrets(): Secrets {
  return {
    internalToken: secret(),
    secretsKey: randomBytes(32).toString('base64'),
    redisPassword: secret(),
    postgresPassword: secret(),
    usersPassword: secret(),
    messagesPassword: secret(),
    adaPassword: readablePassword(),
    gracePassword: readablePassword(),
  }
}

const consonants = 'bdfghjklmnprstvz'
const vowels = 'aeiou'

/** 53 bits in syllables that can be read off a terminal and typed: `bofa-reti-suva-8041`. */
function readablePassword() {
  const bytes = randomBytes(16)
  const letter = (index: number, from: string) => from[(bytes[index] ?? 0) % from.length] ?? ''
  const word = (at: number) =>
    letter(at, consonants) + letter(at + 1, vowels) + letter(at + 2, consonants) + letter(at + 3, vowels)
  return `${word(0)}-${word(4)}-${word(8)}-${String(bytes.readUInt16BE(12) % 10_000).padStart(4, '0')}`
}
