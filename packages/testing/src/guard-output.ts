import { divertLogs } from '@finnigram/service-kit/logger'
import { afterAll, afterEach, beforeEach, type MockInstance, vi } from 'vitest'

const consoleMethods = ['error', 'warn', 'log'] as const
let lines: string[] = []
let expected: RegExp[] = []
/**
 * Warnings of Node since the last test ended: of leaked listeners, time-outs that overflow, and the
 * like.
 */
const warnings: string[] = []
/** Tests may run beside each other: what any of them prints or logs is everybody's. */
let running = 0

/** Says that this test makes an error log or console line that matches; any other fails it. */
export function expectLog(pattern: RegExp): void {
  expected.push(pattern)
}

/** The log lines of this test so far, parsed. */
export function logLines(): Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

/**
 * For a setup file: keeps logs off the screen, and fails every test that prints to the console,
 * logs an error or makes Node warn, unless it announced that with `expectLog`. A warning that comes
 * late fails the test after it.
 */
export function guardOutput(): void {
  divertLogs((line) => lines.push(line))
  process.on('warning', noteWarning)
  let printed: string[] = []
  let spies: MockInstance[] = []
  beforeEach(() => {
    running += 1
    if (running > 1) return
    lines = []
    printed = []
    expected = []
    const note = (...parts: unknown[]) => void printed.push(parts.map(String).join(' '))
    spies = consoleMethods.map((method) => vi.spyOn(console, method).mockImplementation(note))
  })
  afterEach(() => {
    running -= 1
    if (running === 0) for (const spy of spies) spy.mockRestore()
    const errors = lines.filter((line) => line.includes('"level":"error"'))
    refuseSurprises([...printed, ...errors, ...warnings.splice(0)])
  })
  afterAll(() => {
    process.off('warning', noteWarning)
    refuseSurprises(warnings.splice(0))
  })
}

function refuseSurprises(output: readonly string[]): void {
  const surprises = output.filter((text) => !expected.some((pattern) => pattern.test(text)))
  if (surprises.length > 0) throw new Error(`Unexpected output:\n${surprises.join('\n')}`)
}

/** What a dependency still does in an old way, or Node calls new, is no fault of a test. */
function noteWarning({ name, message, stack }: Error): void {
  if (name !== 'ExperimentalWarning' && name !== 'DeprecationWarning') warnings.push(stack ?? message)
}
