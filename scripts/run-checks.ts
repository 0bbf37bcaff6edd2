import { existsSync } from 'node:fs'
import { checkBoundaries } from './check-boundaries.ts'
import { checkLinks, checkNamedFiles } from './check-links.ts'
import { checkMigrations } from './check-migrations.ts'
import { checkStructure } from './check-structure.ts'
import { checkWords } from './check-words.ts'
import { staleDocs } from './docs/write-docs.ts'
import { checkLimits } from './limits/check-limits.ts'
import { measureStyle, quantile, type StyleFigures } from './measure-style.ts'
import { prepareSources } from './prepare-sources.ts'
import { runTool } from './run-tool.ts'

export interface CheckResult {
  name: string
  ok: boolean
}

type Outcome = { ok: boolean; text: string }

const projects = [
  'tsconfig.json',
  'packages/client/tsconfig.json',
  'packages/client/tests/tsconfig.json',
  'apps/mobile/tsconfig.json',
  'e2e/tsconfig.json',
  'proof/tsconfig.json',
].filter(existsSync)

const checks: Record<string, () => Promise<Outcome> | Outcome> = {
  ...Object.fromEntries(
    projects.map((project) => [`types (${project})`, () => runTool('tsc', ['-p', project])]),
  ),
  lint: () => runTool('biome', ['check', '.', '--error-on-warnings', '--max-diagnostics=10']),
  boundaries: () => {
    const violations = checkBoundaries()
    const text = violations
      .map(({ path, imported, rule }) => `${path} imports ${imported}: ${rule}`)
      .join('\n')
    return { ok: violations.length === 0, text }
  },
  limits: () => {
    const faults = checkLimits()
    return {
      ok: faults.length === 0,
      text: faults.map(({ place, fault }) => `${place}: ${fault}`).join('\n'),
    }
  },
  links: () => {
    const broken = [...checkLinks(), ...checkNamedFiles()]
    return {
      ok: broken.length === 0,
      text: broken.map(({ place, target }) => `${place}: ${target} leads nowhere`).join('\n'),
    }
  },
  'written docs': () => {
    const stale = staleDocs()
    return { ok: stale.length === 0, text: stale.map((path) => `${path} is stale: npm run docs`).join('\n') }
  },
  migrations: () => {
    const faults = checkMigrations()
    return { ok: faults.length === 0, text: faults.join('\n') }
  },
  structure: () => list(checkStructure()),
  words: () => list(checkWords()),
  'dead code': () => runTool('knip', ['--no-progress', '--no-config-hints']),
  style: () => judgeStyle(measureStyle()),
}

const list = (faults: readonly string[]): Outcome => ({ ok: faults.length === 0, text: faults.join('\n') })

/** Runs every static check, one after the other (each uses all cores), and prints what it finds. */
export async function runChecks(): Promise<CheckResult[]> {
  await prepareSources()
  const results: CheckResult[] = []
  for (const [name, check] of Object.entries(checks)) {
    const begun = Date.now()
    const { ok, text } = await check()
    process.stdout.write(`${ok ? '✓' : '✗'} ${name}  ${((Date.now() - begun) / 1000).toFixed(1)} s\n`)
    if (!ok || name === 'style') process.stdout.write(`${text.trimEnd().replace(/^/gm, '    ')}\n`)
    results.push({ name, ok })
  }
  return results
}

/** Long files, long functions and `any` fail; the other figures are shown beside their bars. */
function judgeStyle({ files, functions, anyTypes, sourceLines, testLines }: StyleFigures): Outcome {
  const fileLines = files.map(({ lines }) => lines)
  const functionLines = functions.map(({ lines }) => lines)
  const tooLong = files.filter(({ lines }) => lines > 250)
  const longFunctions = functions.filter(({ lines }) => lines > 50)
  const rows = [
    `file lines: median ${quantile(fileLines, 0.5)} (≤ 70), p95 ${quantile(fileLines, 0.95)} (≤ 200), most ${Math.max(...fileLines)} (≤ 250), of ${files.length}`,
    `function lines: p95 ${quantile(functionLines, 0.95)} (≤ 40), over 50: ${longFunctions.length} (0), of ${functions.length}`,
    `any: ${anyTypes.length} (0)`,
    `lines of tests to lines of source: ${testLines} to ${sourceLines}, ${(testLines / sourceLines).toFixed(2)} (≥ 1)`,
    ...tooLong.map(({ path, lines }) => `too long: ${path}, ${lines} lines`),
    ...longFunctions.map(({ place, lines }) => `long function: ${place}, ${lines} lines`),
    ...anyTypes.map((place) => `any: ${place}`),
  ]
  const ok = tooLong.length + longFunctions.length + anyTypes.length === 0
  return { ok, text: rows.join('\n') }
}
