import type { Expression, Statement } from 'oxc-parser'

/** Constants of a file by name. */
export type Numbers = ReadonlyMap<string, number>

const operations: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '**': (left, right) => left ** right,
}

/**
 * The number that an expression of literals and constants of the same file comes to; undefined for
 * all others.
 */
export function evaluate(node: { type: string }, numbers: Numbers): number | undefined {
  const expression = node as Expression
  if (expression.type === 'Literal')
    return typeof expression.value === 'number' ? expression.value : undefined
  if (expression.type === 'Identifier') return numbers.get(expression.name)
  if (expression.type === 'ParenthesizedExpression') return evaluate(expression.expression, numbers)
  if (expression.type !== 'BinaryExpression') return undefined
  const left = evaluate(expression.left, numbers)
  const right = evaluate(expression.right, numbers)
  const operate = operations[expression.operator]
  return left === undefined || right === undefined ? undefined : operate?.(left, right)
}

/** All constants of a module that are numbers. */
export function numbersOf(statements: readonly Statement[]): Numbers {
  const numbers = new Map<string, number>()
  for (const statement of statements) {
    const inner = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (inner?.type !== 'VariableDeclaration') continue
    for (const { id, init } of inner.declarations) {
      const value = init ? evaluate(init, numbers) : undefined
      if (id.type === 'Identifier' && value !== undefined) numbers.set(id.name, value)
    }
  }
  return numbers
}
