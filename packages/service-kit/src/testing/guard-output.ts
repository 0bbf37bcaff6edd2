import { afterEach, beforeEach, type MockInstance, vi } from 'vitest'
import { divertLogs } from '../logger/log-output.ts'

const consoleMethods = ['error', 'warn', 'log'] as const
let lines: string[] = []
let expected: RegExp[] = []
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

/** For a setup file: keeps logs off the screen, and fails every test that prints to the console or logs an error it did not announce with `expectLog`. */
export function guardOutput(): void {
  divertLogs((line) => lines.push(line))
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
    const errors = [...printed, ...lines.filter((line) => line.includes('"level":"error"'))]
    const surprises = errors.filter((text) => !expected.some((pattern) => pattern.test(text)))
    if (surprises.length > 0) throw new Error(`Unexpected output:\n${surprises.join('\n')}`)
  })
}
