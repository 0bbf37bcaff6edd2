import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, inRoot } from '../config.ts'
import { runCommand } from '../process/run-command.ts'

interface GenerateOptions {
  environment: Environment
  signal?: AbortSignal | undefined
}

/** Generates the Prisma clients that are missing, or whose schema has changed. */
export async function generateClients(options: GenerateOptions): Promise<void> {
  await Promise.all(['users', 'messages'].map((service) => generateClient(service, options)))
}

async function generateClient(service: string, { environment, signal }: GenerateOptions) {
  const schemaPath = inRoot('services', service, 'prisma', 'schema.prisma')
  const generated = inRoot('services', service, 'src', 'generated')
  const stampPath = join(generated, '.schema-hash')
  const schema = await readFile(schemaPath)
  const version = await readFile(inRoot('node_modules', 'prisma', 'package.json'))
  const hash = createHash('sha256').update(schema).update(version).digest('hex')
  const stamp = await readFile(stampPath, 'utf8').catch(() => '')
  if (stamp === hash && (await exists(join(generated, 'client.ts')))) return
  await rm(stampPath, { force: true })
  await runCommand(
    process.execPath,
    [inRoot('node_modules', 'prisma', 'build', 'index.js'), 'generate', '--schema', schemaPath],
    {
      cwd: inRoot('services', service),
      environment: {
        ...environment,
        // `generate` never runs the engine, but downloads it unless a file is named.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
      signal,
    },
  )
  await mkdir(generated, { recursive: true })
  await writeFile(stampPath, hash)
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
