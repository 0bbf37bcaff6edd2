import { readFileSync } from 'node:fs'
import { type Expression, type ObjectExpression, parseSync, type Statement, Visitor } from 'oxc-parser'
import { isTest, listSources } from '../list-sources.ts'
import { showBound, showRate } from './show-bound.ts'

/** Something that bounds what is kept or done, or something that grows. */
export interface Bound {
  path: string
  name: string
  /**
   * As the page must write its number; undefined where it has none, or none that can be read from
   * the source.
   */
  shown?: string | undefined
}

/**
 * Parts whose bounds are written down: what runs on servers, what every client runs, and the wire
 * between them.
 */
const parts =
  /^(packages\/(admission|contracts|service-kit|images|gateway|stack|client)|services\/\w+)\/src\//

/** Names of what bounds: how many, how large, how long. */
const bounding =
  /^(most|max|longest|largest|deepest|kept|keep|remembered|burst$|perSecond$|page$|batch$|idle|whole|stale|patience|atOnce$|atMost$)|(AtOnce|AtMost|Kept|Remembered|Limit|TimeoutMs|ForMs|KeptMs|LifetimeMs|PerSecond|PerPerson|PerAddress|PerEvent|PerStep|PerFlush|PerCore|Bytes|Waiting|Size)$/
/** Parts of keys and codes, which are as long as they are. */
const fixed = /^(code|family|secret|id|nonce|tag|point|auth|privateKey|envelope|attachmentId)Bytes$/
/** Functions that make what lives long. */
const making = /^(create|start|open|watch|serve|collect|build)[A-Z]/

/**
 * Every bound and everything that keeps something, by source; generated sources and tests are left
 * out.
 */
export function collectBounds(): Bound[] {
  return listSources()
    .filter((path) => parts.test(path) && !isTest(path) && !path.includes('/testing/'))
    .flatMap((path) => boundsOf(path, readFileSync(path, 'utf8')))
}

function boundsOf(path: string, text: string): Bound[] {
  const { program } = parseSync(path, text)
  const numbers = numbersOf(program.body)
  const found: Bound[] = [
    ...program.body.flatMap((statement) => constantsOf(statement, numbers)),
    ...program.body.flatMap(keepersOf),
  ].map((bound) => ({ path, ...bound }))
  new Visitor({
    ObjectExpression: (node) => void found.push(...ratesOf(node, numbers).map((rate) => ({ path, ...rate }))),
    Property: (node) => {
      const setting = settingOf(node, numbers)
      if (setting) found.push({ path, ...setting })
    },
    PropertyDefinition: (node) => {
      const name = node.key.type === 'PrivateIdentifier' ? `#${node.key.name}` : nameOf(node.key)
      if (name && node.value && isKeeper(node.value)) found.push({ path, name })
    },
  }).visit(program)
  return found
}

type Found = Omit<Bound, 'path'>

const declarationsOf = (statement: Statement) => {
  const inner = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
  return inner?.type === 'VariableDeclaration' && inner.kind === 'const' ? inner.declarations : []
}

/** `const mostWaiting = 100` and `const queue = { mostWaiting: 100 }`. */
function constantsOf(statement: Statement, numbers: Numbers): Found[] {
  return declarationsOf(statement).flatMap(({ id, init }) => {
    if (id.type !== 'Identifier' || !init) return []
    const plain = withoutCast(init)
    if (plain.type === 'ObjectExpression' && !isRate(plain)) {
      return plain.properties.flatMap((property) => {
        const name = property.type === 'Property' ? nameOf(property.key) : undefined
        if (property.type !== 'Property' || !name || !isBound(name)) return []
        const value = evaluate(property.value, numbers)
        return value === undefined ? [] : [{ name: `${id.name}.${name}`, shown: showBound(name, value) }]
      })
    }
    if (!isBound(id.name) || !mayBeNumber(plain)) return []
    const value = evaluate(plain, numbers)
    return [{ name: id.name, shown: value === undefined ? undefined : showBound(id.name, value) }]
  })
}

const isBound = (name: string) => bounding.test(name) && !fixed.test(name)

const numeric = new Set(['Literal', 'BinaryExpression', 'UnaryExpression', 'Identifier', 'CallExpression'])
/** Not a function, a pattern, a text. A call counts where it is `Math`'s. */
function mayBeNumber(node: Expression): boolean {
  if (!numeric.has(node.type)) return false
  if (node.type === 'Literal') return typeof node.value === 'number'
  if (node.type !== 'CallExpression') return true
  const { callee } = node
  return callee.type === 'MemberExpression' && nameOf(callee.object) === 'Math'
}

/**
 * Maps and sets of a module, and those that an exported function which makes something keeps for
 * it.
 */
function keepersOf(statement: Statement): Found[] {
  const own = declarationsOf(statement).flatMap(keeperOf)
  const inner = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
  if (inner?.type !== 'FunctionDeclaration' || !making.test(inner.id?.name ?? '')) return own
  const body = inner.body?.body ?? []
  const inside = body.flatMap((one) => (one.type === 'VariableDeclaration' ? one.declarations : []))
  return [...own, ...inside.flatMap(keeperOf)]
}

function keeperOf({ id, init }: { id: { type: string }; init?: Expression | null }): Found[] {
  const name = nameOf(id)
  return name && init && isKeeper(init) ? [{ name }] : []
}

/** An empty one: what is filled at once from a list does not grow. */
const isKeeper = (node: Expression): boolean =>
  node.type === 'NewExpression' &&
  /^(Map|Set|WeakMap)$/.test(nameOf(node.callee) ?? '') &&
  node.arguments.length === 0

function ratesOf(node: ObjectExpression, numbers: Numbers): Found[] {
  if (!isRate(node)) return []
  const propertyOf = (wanted: string) =>
    node.properties.flatMap((property) =>
      property.type === 'Property' && nameOf(property.key) === wanted ? [property.value] : [],
    )[0]
  const name = propertyOf('name')
  const [points, seconds] = ['points', 'perSeconds'].map((one) => {
    const value = propertyOf(one)
    return value && evaluate(value, numbers)
  })
  if (name?.type !== 'Literal' || typeof name.value !== 'string') return []
  const isKnown = points !== undefined && seconds !== undefined
  return [{ name: name.value, shown: isKnown ? showRate(points, seconds) : undefined }]
}

function isRate({ properties }: ObjectExpression): boolean {
  const names = properties.map((property) =>
    property.type === 'Property' ? nameOf(property.key) : undefined,
  )
  return ['name', 'points', 'perSeconds'].every((name) => names.includes(name))
}

/**
 * `UPLOAD_MAX_BYTES: bytes(100)` and `POOL_SIZE: z.coerce.number().default(10)`: settings with a
 * number when not said.
 */
function settingOf(
  { key, value }: { key: Expression | { type: string }; value: unknown },
  numbers: Numbers,
): Found | undefined {
  const name = nameOf(key)
  if (!name || !/^[A-Z][A-Z\d_]+$/.test(name)) return undefined
  for (let node = value as Expression; node?.type === 'CallExpression'; ) {
    const { callee } = node
    const called = callee.type === 'MemberExpression' ? nameOf(callee.property) : nameOf(callee)
    const [first] = node.arguments
    const number = first && first.type !== 'SpreadElement' ? evaluate(first, numbers) : undefined
    if ((called === 'default' || called === 'bytes') && number !== undefined) {
      return { name, shown: showBound(name, number) }
    }
    if (callee.type !== 'MemberExpression') return undefined
    node = callee.object as Expression
  }
  return undefined
}

const nameOf = (node: { type: string; name?: unknown }): string | undefined =>
  node.type === 'Identifier' && typeof node.name === 'string' ? node.name : undefined

function withoutCast(node: Expression): Expression {
  return node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression'
    ? withoutCast(node.expression)
    : node
}

/** Constants of a file by name. */
type Numbers = ReadonlyMap<string, number>

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
function evaluate(node: { type: string }, numbers: Numbers): number | undefined {
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
function numbersOf(statements: readonly Statement[]): Numbers {
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
