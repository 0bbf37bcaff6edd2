import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/**
 * Path in the repository of every source file that is ours and written by hand, committed or about
 * to be.
 */
export function listSources(): string[] {
  const options = ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.mjs', '*.js']
  const text = execFileSync('git', options, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  return text
    .split('\n')
    .filter(
      (path) => path !== '' && !/(^|\/)(generated|dist|migrations)\//.test(path) && !path.endsWith('.d.ts'),
    )
    .filter((path) => existsSync(join(root, path)))
}

/** Whether a file is a test or serves tests only. */
export const isTest = (path: string) =>
  /\.test\.tsx?$/.test(path) || /(^|\/)(tests|testing)\//.test(path) || /^(e2e|proof)\//.test(path)
