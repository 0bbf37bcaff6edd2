import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const services = ['users', 'messages']

/** Shared a timestamp before anybody looked; they are applied, and stay as they are. */
const knownPairs = new Set(['messages 20261123010000', 'messages 20261123020000', 'messages 20261123190000'])

/**
 * A migration as it is now, and the checksum of how it landed; undefined where it is not there, or
 * not recorded.
 */
export interface Landing {
  service: string
  name: string
  now: string | undefined
  landed: string | undefined
}

const folderOf = (service: string) => join(root, 'services', service, 'prisma', 'migrations')
const recordOf = (service: string) => join(root, 'services', service, 'prisma', 'migrations.sha256')
const record = 'node scripts/record-migrations.ts'

/** What is wrong with the migrations of all services, a line each. */
export const checkMigrations = (): string[] => services.flatMap((service) => judge(readLandings(service)))

/**
 * Keeps new migrations apart in time, and those that landed as they are: a database that applied
 * one refuses another of its name.
 */
export function judge(landings: readonly Landing[]): string[] {
  const named = (service: string, name: string) => `services/${service}/prisma/migrations/${name}`
  const changed = landings.flatMap(({ service, name, now, landed }) => {
    if (now === landed) return []
    if (landed === undefined)
      return [`${named(service, name)} is not recorded: run \`${record}\` once it is right`]
    const what = now === undefined ? 'is gone' : 'was changed'
    return [`${named(service, name)} ${what}, though databases have applied it: write another migration`]
  })
  const present = landings.filter(({ now }) => now !== undefined)
  const byTime = Map.groupBy(present, ({ service, name }) => `${service} ${name.split('_', 1)[0]}`)
  const pairs = [...byTime].flatMap(([time, all]) =>
    all.length < 2 || (knownPairs.has(time) && all.length === 2)
      ? []
      : [
          `${all.map(({ service, name }) => named(service, name)).join(' and ')} share a timestamp: change the newer`,
        ],
  )
  return [...changed, ...pairs]
}

/** Adds the checksums of migrations that have none yet; those that are there stay. */
export function recordMigrations(): void {
  for (const service of services) {
    const lines = readLandings(service).map(({ name, now, landed }) => `${landed ?? now}  ${name}`)
    writeFileSync(recordOf(service), `${lines.join('\n')}\n`)
  }
}

function readLandings(service: string): Landing[] {
  const folder = folderOf(service)
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? entry.name : [],
  )
  const text = existsSync(recordOf(service)) ? readFileSync(recordOf(service), 'utf8') : ''
  const landed = new Map([...text.matchAll(/^(\w+) {2}(\w+)$/gm)].map(([, sum, name]) => [name ?? '', sum]))
  return [...new Set([...names, ...landed.keys()])].sort().map((name) => ({
    service,
    name,
    now: names.includes(name) ? checksum(join(folder, name, 'migration.sql')) : undefined,
    landed: landed.get(name),
  }))
}

const checksum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
