import { readFileSync } from 'node:fs'

/** Numbers of all processes below one: PostgreSQL works in processes of its own. Known on Linux only. */
export function descendants(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    const children = text.split(' ').filter(Boolean).map(Number)
    return children.flatMap((child) => [child, ...descendants(child)])
  } catch {
    return []
  }
}
