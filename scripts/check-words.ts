import { readFileSync } from 'node:fs'
import { parseSync, Visitor } from 'oxc-parser'
import { listSources } from './list-sources.ts'

/** A word that the house used to have for something that the field has a name for. */
interface RetiredWord {
  /**
   * As it stands in a name, split at capitals and hyphens: `shown book` is `shownBook` and
   * `shown-book`.
   */
  word: string
  /** Where it is retired; elsewhere it may be a good word. */
  within: RegExp
  instead: string
}

const everywhere = /./
const realtime = /^services\/realtime\//
const messages = /^services\/messages\//
const users = /^services\/users\//
const mail = /^services\/users\/src\/mail\//
const client = /^packages\/client\//
const stack = /^packages\/(stack|gateway)\//
const tests = /^(proof|e2e)\/|\/tests\//

const retired: readonly RetiredWord[] = [
  { word: 'desk', within: everywhere, instead: 'dispatcher' },
  { word: 'shown book', within: realtime, instead: 'notification state' },
  { word: 'lease book', within: realtime, instead: 'presence leases' },
  { word: 'sights', within: realtime, instead: 'presence visibility' },
  { word: 'standings', within: realtime, instead: 'status cache' },
  { word: 'tell watchers', within: realtime, instead: 'presence broadcaster' },
  { word: 'people news', within: realtime, instead: 'user event handlers' },
  { word: 'departures', within: realtime, instead: 'last-seen writer' },
  { word: 'crowd', within: everywhere, instead: 'reconnect window' },
  { word: 'comeback', within: everywhere, instead: 'retry-after schedule' },
  { word: 'comebacks', within: everywhere, instead: 'retry-after schedule' },
  { word: 'door', within: /^(packages|services)\//, instead: 'token bucket, admission' },
  { word: 'turn away', within: everywhere, instead: 'shed, reject' },
  { word: 'deaf', within: everywhere, instead: 'bus unavailable, degraded' },
  { word: 'besides', within: /^services\//, instead: 'after commit' },
  { word: 'found conversation', within: everywhere, instead: 'create conversation' },
  { word: 'found world', within: everywhere, instead: 'create environment' },
  { word: 'commit facts', within: everywhere, instead: 'transaction with outbox' },
  { word: 'let in', within: messages, instead: 'add member' },
  { word: 'let out', within: messages, instead: 'remove member' },
  { word: 'appoint heir', within: messages, instead: 'transfer ownership' },
  { word: 'later comers', within: messages, instead: 'members since' },
  { word: 'hold markers', within: messages, instead: 'freeze read receipts' },
  { word: 'doom', within: everywhere, instead: 'pending deletion' },
  { word: 'keep house', within: users, instead: 'maintenance' },
  { word: 'letter', within: mail, instead: 'email template' },
  { word: 'letters', within: mail, instead: 'email templates' },
  { word: 'guessed at', within: users, instead: 'brute-force protection' },
  { word: 'limit guesses', within: users, instead: 'brute-force protection' },
  { word: 'take turns', within: everywhere, instead: 'mutex, semaphore, yield' },
  { word: 'in turn', within: /^(packages|services)\//, instead: 'keyed mutex' },
  { word: 'waker', within: everywhere, instead: 'wake signal' },
  { word: 'gram arms', within: messages, instead: 'trigram alternatives' },
  { word: 'mark quiet', within: messages, instead: 'seal idle blocks' },
  { word: 'take live', within: client, instead: 'ingest live' },
  { word: 'take mine', within: client, instead: 'ingest own' },
  { word: 'when applied', within: client, instead: 'on events applied' },
  { word: 'shelf', within: client, instead: 'session store' },
  { word: 'heed', within: client, instead: 'on network change' },
  { word: 'by key', within: client, instead: 'memoize' },
  { word: 'give connection', within: everywhere, instead: 'send socket' },
  { word: 'take connections', within: everywhere, instead: 'receive socket' },
  { word: 'leftovers', within: stack, instead: 'orphan processes' },
  { word: 'figures', within: /^(packages|services|proof)\//, instead: 'metrics' },
  { word: 'find called', within: messages, instead: 'recipients' },
  { word: 'weather', within: tests, instead: 'network conditions' },
  { word: 'trouble', within: tests, instead: 'fault' },
  { word: 'deeds', within: tests, instead: 'operations' },
  { word: 'town', within: tests, instead: 'environment' },
  { word: 'world', within: tests, instead: 'environment' },
  { word: 'club', within: tests, instead: 'private group' },
  { word: 'cellar', within: tests, instead: 'fixture' },
]

/** Fields and events of the wire keep their names. */
const onTheWire = new Set(['comebackWithinMs', 'crowd', 'Crowd'])

const longestComment = 100

/** Names and comments that use a retired word, and comments wider than 100 columns. */
export function checkWords(): string[] {
  return listSources()
    .filter((path) => path !== 'scripts/check-words.ts')
    .flatMap((path) => {
      const words = retired.filter(({ within }) => within.test(path))
      return [...judgeName(path, path, words), ...judgeFile(path, words)]
    })
}

function judgeFile(path: string, words: readonly RetiredWord[]): string[] {
  const text = readFileSync(path, 'utf8')
  const { program, comments } = parseSync(path, text)
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length
  const names = new Map<string, number>()
  new Visitor({
    Identifier: ({ name, start }) => void (names.has(name) || names.set(name, start)),
    PrivateIdentifier: ({ name, start }) => void (names.has(name) || names.set(name, start)),
  }).visit(program)
  return [
    ...[...names].flatMap(([name, start]) => judgeName(`${path}:${lineOf(start)}`, name, words)),
    ...comments.flatMap(({ value, start }) => judgeComment(`${path}:${lineOf(start)}`, value, words)),
    ...wideComments(path, text, comments),
  ]
}

function judgeName(place: string, name: string, words: readonly RetiredWord[]): string[] {
  if (onTheWire.has(name)) return []
  const spaced = ` ${toWords(name)} `
  return words
    .filter(({ word }) => spaced.includes(` ${word} `))
    .map(({ word, instead }) => `${place}: "${word}" in ${name} is retired: ${instead}`)
}

/** Comments are prose: only a word that is retired everywhere, or that is a name, counts there. */
function judgeComment(place: string, text: string, words: readonly RetiredWord[]): string[] {
  const names = text.match(/`[^`]+`|\b\w+(?:-\w+)+\b/g) ?? []
  return names.flatMap((name) => judgeName(place, name.replaceAll('`', ''), words))
}

/** Lines of comments wider than 100 columns, unless a link makes them so. */
function wideComments(
  path: string,
  text: string,
  comments: readonly { start: number; end: number }[],
): string[] {
  const lines = text.split('\n')
  return comments.flatMap(({ start, end }) => {
    const first = text.slice(0, start).split('\n').length
    const last = text.slice(0, end).split('\n').length
    return lines.slice(first - 1, last).flatMap((line, i) => {
      const isAlone = /^\s*(\/\/|\/\*|\*)/.test(line)
      // A suppression must stand on one line, and so must a link.
      const mayBeWide = /:\/\/|biome-ignore/.test(line)
      return isAlone && line.length > longestComment && !mayBeWide
        ? [`${path}:${first + i}: a comment of ${line.length} columns (≤ ${longestComment})`]
        : []
    })
  })
}

/** `shownBook`, `ShownBook`, `shown-book` and `shown_book` are `shown book`. */
const toWords = (name: string) =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[-_/.]/g, ' ')
    .toLowerCase()
