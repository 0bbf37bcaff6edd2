import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

interface Field {
  column: string
  type: string
  isKey: boolean
  isUnique: boolean
  mayBeNull: boolean
  /** The table whose rows it names. */
  target?: string
  /** Whether the database enforces that. */
  isEnforced: boolean
  note: string
}

interface Table {
  model: string
  name: string
  note: string
  fields: Field[]
}

/** What a column names where no foreign key says so: other services' rows too. */
const namedRows: Record<string, string> = {
  conversation_id: 'conversations',
  message_id: 'messages',
  attachment_id: 'attachments',
}

/** `docs/data-model.md`: the tables of each service, as its schema describes them. */
export function describeDataModel(): string {
  const parts = ['users', 'messages'].map((service) => {
    const tables = readSchema(
      readFileSync(join(root, 'services', service, 'prisma', 'schema.prisma'), 'utf8'),
    )
    return [
      `## ${service}`,
      `From [\`services/${service}/prisma/schema.prisma\`](../services/${service}/prisma/schema.prisma).`,
      draw(tables),
      ...tables.map(list),
    ].join('\n\n')
  })
  return `${[introduction, ...parts].join('\n\n')}\n`
}

const introduction = `# Data model

Each service owns a database, and nobody else reads it. What another service needs reaches it by events. realtime has no database.
A solid line in the pictures is a foreign key. A dotted line is a column that names a row without one.
\`npm run docs\` writes this page from the schemas.`

function readSchema(text: string): Table[] {
  const models = [...text.matchAll(/((?:^\/\/\/.*\n)*)^model (\w+) \{\n([\s\S]*?)^\}/gm)]
  const tables = models.map(([, note = '', model = '', body = '']) => ({
    model,
    name: /@@map\("(\w+)"\)/.exec(body)?.[1] ?? model,
    note: plain(note),
    body,
  }))
  const enums = new Map(
    [...text.matchAll(/^enum (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => {
      const values = [...body.matchAll(/^ +(\w+)$/gm)].map(([, value]) => value)
      return [name, values.join(' or ')]
    }),
  )
  const nameOf = (model: string) => tables.find((table) => table.model === model)?.name
  return tables.map(({ model, name, note, body }) => ({
    ...{ model, name, note },
    fields: readFields(body, nameOf)
      .map((field) => softly(field, name, tables))
      .map((field) => ({ ...field, type: enums.get(field.type) ?? field.type })),
  }))
}

function readFields(body: string, nameOf: (model: string) => string | undefined): Field[] {
  const keys = listed(/@@id\(\[(.*?)\]/.exec(body)?.[1])
  const lines = [...body.matchAll(/((?:^ *\/\/\/.*\n)*)^ +(\w+) +(\w+)(\[\]|\?)?( .*)?$/gm)]
  const relations = new Map(
    lines.flatMap(([, , , model = '', , rest = '']) => {
      const field = /@relation\(fields: \[(\w+)\]/.exec(rest)?.[1]
      return field === undefined ? [] : [[field, nameOf(model)] as const]
    }),
  )
  return lines
    .filter(([, , , model = '']) => nameOf(model) === undefined)
    .map(([, note = '', field = '', type = '', suffix = '', rest = '']) => {
      const target = relations.get(field)
      return {
        column: /@map\("(\w+)"\)/.exec(rest)?.[1] ?? field,
        type: `${typeOf(type, rest)}${suffix === '[]' ? '[]' : ''}`,
        isKey: keys.includes(field) || rest.includes('@id'),
        isUnique: / @unique/.test(rest),
        mayBeNull: suffix === '?',
        ...(target === undefined ? {} : { target }),
        isEnforced: target !== undefined,
        note: plain(note),
      }
    })
}

const listed = (names = '') => names.split(',').map((name) => name.trim())

const typeNames: Record<string, string> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  DateTime: 'timestamptz',
  Json: 'jsonb',
  Bytes: 'bytea',
  Float: 'float8',
}

const typeOf = (type: string, rest: string) =>
  /@db\.(\w+)/.exec(rest)?.[1]?.toLowerCase() ?? typeNames[type] ?? type

/** A column that names a row of the same database without a foreign key. */
function softly(field: Field, table: string, tables: readonly { name: string }[]): Field {
  const target = namedRows[field.column]
  const isThere = target !== undefined && target !== table && tables.some(({ name }) => name === target)
  return field.target === undefined && isThere ? { ...field, target } : field
}

const plain = (note: string) =>
  note
    .split('\n')
    .map((line) => line.trim().replace(/^\/\/\/ ?/, ''))
    .filter(Boolean)
    .join(' ')

function draw(tables: readonly Table[]): string {
  const lines = tables.flatMap(({ name, fields }) =>
    fields
      .filter(({ target }) => target !== undefined)
      .map(({ target, column, isEnforced, isKey, mayBeNull }) => {
        const most = isKey && fields.filter((field) => field.isKey).length === 1 ? '|' : '{'
        return `  ${target} ${mayBeNull ? '|o' : '||'}${isEnforced ? '--' : '..'}o${most} ${name} : ${column}`
      }),
  )
  const alone = tables
    .filter(({ name }) => !lines.some((line) => line.split(' ').includes(name)))
    .map(({ name }) => `  ${name}`)
  return ['```mermaid', 'erDiagram', ...lines, ...alone, '```'].join('\n')
}

function list({ name, note, fields }: Table): string {
  const rows = fields.map(({ column, type, isKey, isUnique, mayBeNull, target, note: said }) => {
    const words = [type, isKey ? 'key' : '', isUnique ? 'unique' : '', mayBeNull ? 'or null' : '']
    const leads = target === undefined ? '' : ` → ${target}`
    return `| \`${column}\` | ${words.filter(Boolean).join(', ')}${leads} | ${said.replaceAll('|', '\\|')} |`
  })
  const heading = [`### ${name}`, ...(note === '' ? [] : [note])].join('\n\n')
  return [heading, '', '| column | type | meaning |', '|---|---|---|', ...rows].join('\n')
}
