import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

interface ProcessRow {
  pid: number
  parent: number
  cpuSeconds: number
}

function readProcess(pid: number): ProcessRow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [user = 0, system = 0, deadUser = 0, deadSystem = 0] = fields.slice(11, 15)
    return {
      pid,
      parent: fields[1] ?? 0,
      cpuSeconds: (user + system + deadUser + deadSystem) / ticksPerSecond,
    }
  } catch {
    return null
  }
}

/** The given processes and all that descend from them (PostgreSQL's backends, for one). */
function family(roots: readonly number[]): ProcessRow[] {
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((row) => row !== null)
  const members = new Set(roots)
  let size = 0
  while (size !== members.size) {
    size = members.size
    for (const row of rows) if (members.has(row.parent)) members.add(row.pid)
  }
  return rows.filter((row) => members.has(row.pid))
}

/**
 * CPU seconds spent so far by these processes and their children, user and system, the reaped ones
 * included. Linux only.
 */
export const cpuSeconds = (roots: readonly number[]) =>
  family(roots).reduce((sum, row) => sum + row.cpuSeconds, 0)

/** Resident bytes of one process. Linux only. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

export const parts = ['gateway', 'users', 'messages', 'realtime', 'postgres', 'redis'] as const
export type ProcessGroup = (typeof parts)[number]

/**
 * CPU seconds, user and system, that the living processes under `root` have spent so far. What died
 * in between is not in it. Linux only.
 */
export function cpuByPart(root: number): Record<ProcessGroup, number> {
  const rows = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readRow(Number(name)) : []))
  const family = new Set([root])
  for (let size = 0; size !== family.size; ) {
    size = family.size
    for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid)
  }
  const spent = Object.fromEntries(parts.map((part) => [part, 0])) as Record<ProcessGroup, number>
  for (const { pid, command, seconds } of rows) if (family.has(pid)) spent[partOf(command)] += seconds
  return spent
}

function readRow(pid: number) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in the second field may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user = 0, system = 0] = fields.slice(11, 13).map(Number)
    return [{ pid, parent: Number(fields[1]), command, seconds: (user + system) / ticksPerSecond }]
  } catch {
    return []
  }
}

function partOf(command: string): ProcessGroup {
  const service = /services\/(users|messages|realtime)\//.exec(command)?.[1]
  if (service) return service as ProcessGroup
  if (command.includes('postgres')) return 'postgres'
  return command.includes('redis') ? 'redis' : 'gateway'
}
