import { stackSettings } from '../../packages/stack/src/config.ts'
import { settings as messagesSettings } from '../../services/messages/src/config.ts'
import { settings as realtimeSettings } from '../../services/realtime/src/config.ts'
import { settings as usersSettings } from '../../services/users/src/config.ts'

/** What is asked of a Zod schema here. */
interface Schema {
  description?: string | undefined
  safeParse(value: undefined): { success: true; data: unknown } | { success: false }
}
type Shape = Readonly<Record<string, Schema>>

const services: Record<string, Shape> = {
  users: usersSettings,
  messages: messagesSettings,
  realtime: realtimeSettings,
}

/** What `npm start` tells its services itself. */
const setByStack = new Set([
  ...['HOST', 'PORT', 'NODE_ID', 'DATABASE_URL', 'USERS_URL', 'MESSAGES_URL', 'INTERNAL_TOKEN'],
  ...Object.keys(stackSettings),
])
/** Made or placed in FINNIGRAM_HOME by `npm start`, unless they are given. */
const inHome: Record<string, string> = {
  SECRETS_KEY: 'made at the first start',
  MAIL_DIR: 'mail in FINNIGRAM_HOME',
  FILES_DIR: 'files in FINNIGRAM_HOME',
}

interface Setting {
  name: string
  meaning: string
  /** As it would be written; empty where there is none. */
  usual: string
  isNeeded: boolean
}

const read = (shape: Shape): Setting[] =>
  Object.entries(shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined)
    const isMadeByChance = name === 'NODE_ID'
    const value = unset.success && !isMadeByChance ? unset.data : undefined
    if (!schema.description) throw new Error(`${name} has no description`)
    const usual = value === undefined ? '' : String(value)
    return { name, meaning: schema.description, usual, isNeeded: !unset.success }
  })

/** Settings of services that whoever runs `npm start` may give, once each. */
function passedOn(): Setting[] {
  const all = Object.values(services).flatMap(read)
  const byName = new Map(all.map((setting) => [setting.name, setting]))
  return [...byName.values()]
    .filter(({ name }) => !setByStack.has(name))
    .map((setting) => ({ ...setting, usual: inHome[setting.name] ?? setting.usual }))
}

/** `docs/settings.md`: every setting of every process, from the schemas that read them. */
export function describeSettings(): string {
  const names = Object.keys(services)
  const shared = read(services['users'] ?? {}).filter(({ name }) =>
    names.every((service) => services[service]?.[name] !== undefined),
  )
  const isShared = (name: string) => shared.some((one) => one.name === name)
  const own = names.flatMap((service) => [
    `### ${service}`,
    table(read(services[service] ?? {}).filter(({ name }) => !isShared(name))),
  ])
  return `${[
    introduction,
    '## `npm start`',
    table(read(stackSettings)),
    'These are passed on to the services:',
    table(passedOn()),
    '## A service by itself',
    ...[
      'Every service takes these. `npm start` sets the addresses, the port, the node and the token.',
      table(shared),
    ],
    ...own,
  ].join('\n\n')}\n`
}

const introduction = `# Settings

Settings are environment variables. \`npm start\` reads them from a file \`.env\` in the folder of the repository, too; what stands in the environment wins.
[\`.env.example\`](../.env.example) lists them all. A wrong setting stops the start, and every mistake is named at once.
\`npm run docs\` writes this page from the schemas.`

function table(settings: readonly Setting[]): string {
  const rows = settings.map(({ name, meaning, usual, isNeeded }) => {
    const shown = isNeeded && usual === '' ? '(needed)' : usual
    return `| \`${name}\` | ${meaning.replaceAll('<', '&lt;')} | ${shown} |`
  })
  return ['| setting | what it does | when not set |', '|---|---|---|', ...rows].join('\n')
}

/** `.env.example`: what `npm start` takes, with what holds when nothing is said. */
export function exampleEnvironment(): string {
  const lines = [...read(stackSettings), ...passedOn()].flatMap(({ name, meaning, usual }) => {
    const isSentence = usual.includes(' ')
    return [
      '',
      ...wrap(isSentence ? `${meaning} When not set: ${usual}.` : meaning),
      `#${name}=${isSentence ? '' : usual}`,
    ]
  })
  const head = wrap(
    'Settings of Finnigram. Copy this file to .env and change what you need; docs/settings.md explains more.',
  )
  return `${[...head, ...lines].join('\n')}\n`
}

/** A comment of lines of at most 100 characters. */
function wrap(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < 100) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`# ${word}`)
  }
  return lines
}
