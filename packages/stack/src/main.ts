import { relative } from 'node:path'
import { readConfig, readEnvironment, type StackConfig } from './config.ts'
import { listProcesses } from './data-directory/orphan-processes.ts'
import type { Crash } from './process/supervised-process.ts'
import { printProgress } from './progress.ts'
import { explainFailure, StartFailure } from './start-failure.ts'
import { type Stack, startStack } from './start-stack.ts'

const write = (text: string) => void process.stdout.write(text)

/** Two signals within this time count as one: npm passes on what the terminal sent already. */
const sameSignalMs = 700

/**
 * Runs a stack in a terminal until Ctrl-C, and shows its progress, address and crashes. A failed
 * start says what to do and exits with 1. A second Ctrl-C kills everything.
 */
async function runInTerminal(readSettings: () => StackConfig, start: typeof startStack): Promise<void> {
  let dataDirectory = '.finnigram'
  const stopping = new AbortController()
  stopOnSignals(stopping, () => killAll(dataDirectory))
  try {
    if (process.platform === 'win32') {
      throw new StartFailure('Finnigram runs on Linux and macOS; on Windows, start it inside WSL.')
    }
    const config = readSettings()
    dataDirectory = config.dataDirectory
    const begun = Date.now()
    const progress = printProgress(write, process.stdout.isTTY === true)
    write('\n')
    const stack = await start(config, { progress, signal: stopping.signal, onCrash: reportCrash })
    write(welcome(stack, { config, seconds: (Date.now() - begun) / 1000 }))
    await aborted(stopping.signal)
    write('\n  Stopping …')
    await stack[Symbol.asyncDispose]()
    write(' stopped. Your data is kept.\n')
    process.exit(0)
  } catch (error) {
    if (stopping.signal.aborted) {
      write('\n  Stopped.\n')
      process.exit(130)
    }
    process.stderr.write(`\n  ${explainFailure(error, dataDirectory).replaceAll('\n', '\n  ')}\n\n`)
    process.exit(1)
  }
}

function stopOnSignals(stopping: AbortController, kill: () => Promise<void>) {
  let firstAt = 0
  const stop = () => {
    if (firstAt === 0) {
      firstAt = Date.now()
      stopping.abort(new Error('stopped'))
    } else if (Date.now() - firstAt > sameSignalMs) {
      void kill()
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  // The channel closes when start.mjs, which runs this on another Node, has died.
  process.once('disconnect', stop)
}

/** Kills every process of ours; PostgreSQL and Redis recover at the next start. */
async function killAll(dataDirectory: string) {
  for (const { pid } of await listProcesses(dataDirectory)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended in between.
    }
  }
  process.exit(130)
}

/** Shows the log's end only for the first of several deaths in a row. */
function reportCrash({ name, how, restartInMs, count, tail }: Crash) {
  write(`\n  ${name} ${how}; it starts again in ${restartInMs / 1000} s.\n`)
  if (count > 1 || tail === '') return
  write(`  Its log ends with:\n${tail.replace(/^/gm, '    ')}\n`)
}

function welcome(
  { people, dataDirectory, url }: Stack,
  { config, seconds }: { config: StackConfig; seconds: number },
) {
  const here = relative(process.cwd(), dataDirectory) || '.'
  const folder = here.startsWith('..') ? dataDirectory : here
  const logins = people.map(({ username, password }) => `    ${username.padEnd(8)}${password}`)
  const invitation =
    people.length === 0
      ? ''
      : `\n  Two people to try it with, one in each browser (name, password):\n${logins.join('\n')}\n`
  const elsewhere = config.host === '127.0.0.1' ? '  HOST=0.0.0.0 npm start lets other devices in.\n' : ''
  return `
  Finnigram is up after ${seconds.toFixed(1)} s:  ${config.publicUrl ?? url}
${invitation}
  API reference: ${config.publicUrl ?? url}/v1/docs   Data: ${folder}   Logs: ${folder}/logs
${elsewhere}  Ctrl-C stops it; the data stays.
`
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const isDevelopment = process.argv.includes('--dev')
const { startDevelopment: start } = isDevelopment
  ? await import('./dev/start-development.ts')
  : { startDevelopment: startStack }
await runInTerminal(() => readConfig(readEnvironment()), start)
