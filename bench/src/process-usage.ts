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

/** CPU seconds spent so far by these processes and their children, user and system, the reaped ones included. Linux only. */
export const cpuSeconds = (roots: readonly number[]) =>
  family(roots).reduce((sum, row) => sum + row.cpuSeconds, 0)

/** Resident bytes of one process. Linux only. */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes ?? 0) * 1024
}
