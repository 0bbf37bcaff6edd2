import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * What the tests need from the system: the package that brings it on Debian, and the names it may
 * have.
 */
const tools = [
  { debianPackage: 'redis-server', commands: ['redis-server', 'valkey-server'] },
  { debianPackage: 'chromium', commands: ['chromium', 'chromium-browser', 'google-chrome'] },
]

/**
 * Installs with apt-get what the tests need and the machine lacks; where there is no apt-get, says
 * what to install.
 */
export function installTestTools(): void {
  const missing = tools
    .filter(({ commands }) => !commands.some(isOnPath))
    .map(({ debianPackage }) => debianPackage)
  if (missing.length === 0) return
  process.stdout.write(`Installing ${missing.join(' and ')} …\n`)
  try {
    run('update', '-q')
    run('install', '-q', '-y', '--no-install-recommends', ...missing)
  } catch (error) {
    process.stdout.write(
      `${missing.join(' and ')} could not be installed; install by hand what the tests need: ${error instanceof Error ? error.message : error}\n`,
    )
  }
}

function run(...args: string[]) {
  const isRoot = process.getuid?.() === 0
  const [command, ...rest] = isRoot ? ['apt-get', ...args] : ['sudo', '-n', 'apt-get', ...args]
  execFileSync(command ?? 'apt-get', rest, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

const isOnPath = (command: string) =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/opt/homebrew/bin'].some((folder) =>
    existsSync(join(folder, command)),
  )
