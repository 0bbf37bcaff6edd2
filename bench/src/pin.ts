import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Ties a process (and what it starts from now on) to one core, where the system can; answers whether it did. */
export function pinToCore(pid: number, core: number): boolean {
  if (availableParallelism() < 2) return false
  try {
    execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
