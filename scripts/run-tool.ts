import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

interface ToolOptions {
  /** Shows the output as it comes. */
  isShown?: boolean
  environment?: Record<string, string>
}

/** Runs a tool of node_modules/.bin to its end; all it printed is the answer. */
export async function runTool(
  name: string,
  args: string[],
  options: ToolOptions = {},
): Promise<{ ok: boolean; text: string }> {
  const child = spawn(join(root, 'node_modules', '.bin', name), args, {
    cwd: root,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const take = (chunk: Buffer) => {
    text += chunk.toString('utf8')
    if (options.isShown) process.stdout.write(chunk)
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const code = await new Promise((done) => {
    child.once('error', (error) => done(error.message))
    child.once('close', done)
  })
  return { ok: code === 0, text: text === '' && code !== 0 ? `${name} ended with ${code}` : text }
}
