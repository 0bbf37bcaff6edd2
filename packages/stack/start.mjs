/**
 * `npm start` and `npm run dev` begin here, on whatever Node the machine has (20 or later):
 * installs the dependencies when they are missing or not those of package-lock.json, then runs the
 * stack on the Node 24 that came with them.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const modules = join(root, 'node_modules')
const lockPath = join(root, 'package-lock.json')
const stampPath = join(modules, '.finnigram-lock')
const ownNode = join(modules, '.bin', 'node')

/** What the dependencies take, with npm's own working space. */
const neededMegabytes = 1_500
const diskIsFull = `The disk is full: the dependencies need ${neededMegabytes} MB where ${root} lies; free some space, then run \`npm start\` again.`

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
const major = (version) => Number(version.split('.')[0])

if (major(process.versions.node) < 20) {
  fail(
    `Finnigram needs Node 20 or later to start; this is ${process.version}. Install a current one from https://nodejs.org, then run \`npm start\` again.`,
  )
}
if (process.platform === 'win32') fail('Finnigram runs on Linux and macOS; on Windows, start it inside WSL.')

const lockHash = createHash('sha256').update(readFileSync(lockPath)).digest('hex')
stopWithNpm()
if (!isInstalled()) await install()
if (major(process.versions.node) === 24) await import('./src/main.ts')
else runOnOwnNode()

/** npm that is ended by SIGTERM leaves what it started behind; whoever ends npm means all of it. */
function stopWithNpm() {
  if (!process.env['npm_lifecycle_event']) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  timer.unref()
}

function isInstalled() {
  if (!existsSync(ownNode)) return false
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === lockHash) return true
  if (!holdsLockedVersions()) return false
  writeFileSync(stampPath, lockHash)
  return true
}

/** Whether an `npm install` by hand has already brought what the lock file says. */
function holdsLockedVersions() {
  const hiddenPath = join(modules, '.package-lock.json')
  if (!existsSync(hiddenPath)) return false
  const wanted = JSON.parse(readFileSync(lockPath, 'utf8')).packages
  const present = JSON.parse(readFileSync(hiddenPath, 'utf8')).packages
  return Object.entries(wanted).every(([path, { version, optional, link, devOptional }]) => {
    if (!path.includes('node_modules/') || link || optional || devOptional) return true
    return present[path]?.version === version
  })
}

function freeMegabytes() {
  const { bavail, bsize } = statfsSync(root)
  return (bavail * bsize) / 1_000_000
}

async function install() {
  if (freeMegabytes() < neededMegabytes) fail(diskIsFull)
  process.stdout.write('\n  Installing the dependencies (once, a few minutes) …\n')
  const begun = Date.now()
  const beat = setInterval(() => {
    process.stdout.write(`  … still installing  ${Math.round((Date.now() - begun) / 1000)} s\n`)
  }, 15_000)
  const npm = process.env['npm_execpath']
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const child = spawn(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = () => {
    child.kill('SIGTERM')
    process.exit(130)
  }
  for (const signal of signals) process.on(signal, stop)
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const code = await new Promise((done) => {
    child.once('error', () => done('ENOENT'))
    child.once('close', done)
  })
  clearInterval(beat)
  for (const signal of signals) process.off(signal, stop)
  if (code !== 0) fail(installFailure(code, output))
  if (!existsSync(ownNode)) {
    fail(
      'npm left out the install scripts that bring Node 24: run `npm ci --ignore-scripts=false`, then `npm start` again.',
    )
  }
  writeFileSync(stampPath, lockHash)
  process.stdout.write(`  Installed  ${((Date.now() - begun) / 1000).toFixed(1)} s\n`)
}

function installFailure(code, output) {
  // npm says the cause first and advice after it.
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^npm warn/.test(line))
  const cause = lines.slice(0, 12).join('\n  ')
  if (code === 'ENOENT')
    return 'npm is missing: install it with Node from https://nodejs.org, then run `npm start` again.'
  if (/ENOSPC|no space left/i.test(output))
    return 'The disk is full: free at least 2 GB, then run `npm start` again.'
  if (/ENOTFOUND|ETIMEDOUT|ECONNREFUSED|EAI_AGAIN|ECONNRESET/.test(output)) {
    return `The npm registry cannot be reached: check the network (or npm's registry and proxy settings), then run \`npm start\` again.\n  ${cause}`
  }
  if (/EACCES|EPERM|EROFS/.test(output))
    return `This folder cannot be written: give this user the right to, then run \`npm start\` again.\n  ${cause}`
  return `Installing the dependencies did not work:\n  ${cause}`
}

/**
 * Signals reach the stack through this process; the channel tells it when this process is killed.
 */
function runOnOwnNode() {
  const child = spawn(ownNode, [join(root, 'packages/stack/src/main.ts'), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.once('error', (error) =>
    fail(
      `Node 24 could not be started from ${ownNode}: ${error.message}. Run \`npm ci\`, then \`npm start\` again.`,
    ),
  )
  child.once('close', (code, signal) => process.exit(code ?? (signal ? 130 : 1)))
}

function fail(sentence) {
  process.stderr.write(`\n  ${sentence}\n\n`)
  process.exit(1)
}
