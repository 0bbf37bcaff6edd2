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

/** What only this installation knows: `secrets.json`, created at the first start. */
export type Secrets = z.infer<typeof Secrets>

/**
 * The data directory: everything of one stack that survives a restart.
 *
 *     postgres/     the embedded cluster (or a link to it, under root)
 *     redis/        redis.conf and the append-only file
 *     files/ mail/  attachments and mails, without a bucket and a mail server
 *     secrets.json  passwords and keys, readable by their owner only
 *     logs/         a rotating log of each process
 *     run/          a record of each process, so that the next start ends orphans
 *     home.lock     the lock of the stack that runs here
 *     stack.json    where that stack answers
 *     seeded        says that Ada and Grace were created
 *
 * A backup is a copy of it while no stack runs. Two stacks never share one. Other users may pass
 * through it, because PostgreSQL runs as its own user under root; they may not list it.
 */
export async function prepareDataDirectory(dataDirectory: string): Promise<void> {
  await mkdir(join(dataDirectory, 'logs'), { recursive: true })
  await mkdir(join(dataDirectory, 'run'), { recursive: true })
  await mkdir(join(dataDirectory, 'redis'), { recursive: true })
  await mkdir(join(dataDirectory, 'files'), { recursive: true })
  await chmod(dataDirectory, 0o711)
  await chmod(join(dataDirectory, 'logs'), 0o700)
  await chmod(join(dataDirectory, 'redis'), 0o700)
  await chmod(join(dataDirectory, 'files'), 0o700)
}

/** Reads the secrets, and creates those that are missing. */
export async function readSecrets(dataDirectory: string): Promise<Secrets> {
  const path = join(dataDirectory, 'secrets.json')
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

/** 53 bits in syllables that are easy to read and type: `bofa-reti-suva-8041`. */
function readablePassword() {
  const bytes = randomBytes(16)
  const letter = (index: number, from: string) => from[(bytes[index] ?? 0) % from.length] ?? ''
  const word = (at: number) =>
    letter(at, consonants) + letter(at + 1, vowels) + letter(at + 2, consonants) + letter(at + 3, vowels)
  return `${word(0)}-${word(4)}-${word(8)}-${String(bytes.readUInt16BE(12) % 10_000).padStart(4, '0')}`
}
