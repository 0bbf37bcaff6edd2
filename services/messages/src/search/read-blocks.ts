import type pg from 'pg'
import { header } from './index-document.ts'
import type { Language } from './languages.ts'
import { gramAlternatives, type SearchPlan } from './plan-search.ts'
import { type SearchCursor, timeLetters, timeOf } from './search-cursor.ts'

/** A message that matched as indexed. */
export interface Candidate extends SearchCursor {
  languages: Language[]
}

/** The last block that was looked at. The next are older. */
export interface BlockPlace {
  newestAt: Date
  conversationId: string
  fromSeq: number
}

export interface BlockRequest {
  plan: SearchPlan
  userId: string
  /** Only this conversation. */
  conversationId: string | undefined
  /** Only results after this place. */
  place: SearchCursor
  /** Only messages sent after this time. */
  after: number
  /** Only blocks that end after this time, which is `after` or later. */
  blocksAfter: number
  /** Only blocks that come after this one. */
  beyond: BlockPlace | undefined
  /** Finds sealed blocks by their n-grams. Otherwise all are read. */
  byGrams: boolean
  /** At most so many blocks. */
  blocks: number
  /** At most so many candidates, the newest of these blocks. */
  candidates: number
}

export interface BlockReply {
  candidates: Candidate[]
  /** Undefined after the last block. */
  end: BlockPlace | undefined
}

interface Row extends BlockPlace {
  count: number
  at: string | null
  candidateId: string
  seq: number
  languages: Language[]
}

/**
 * Looks through blocks of the reader's conversations, newest first. Blocks are chosen before their
 * text is read. A text is read once, and split into lines only if it has every term.
 */
export async function readBlocks(tx: pg.PoolClient, request: BlockRequest): Promise<BlockReply> {
  const values: unknown[] = []
  const text = statement(request, (value) => `$${values.push(value)}`)
  const { rows } = await tx.query<Row>({ text, values })
  const [first] = rows
  if (!first) return { candidates: [], end: undefined }
  const { newestAt, conversationId, fromSeq } = first
  return {
    candidates: rows.flatMap(({ at, candidateId, seq, languages }) =>
      at === null ? [] : { at: timeOf(at), conversationId: candidateId, seq, languages },
    ),
    end: first.count < request.blocks ? undefined : { newestAt, conversationId, fromSeq },
  }
}

/** Clocks of nodes may differ by this much, in milliseconds. */
export const skewMs = 5000

type Parameter = (value: unknown) => string

function statement(request: BlockRequest, $: Parameter): string {
  const { plan, place } = request
  const columns = 'b.conversation_id, b.from_seq, b.newest_at, mine.joined_seq'
  const inRange = rangeCondition(request, $)
  const grams = request.byGrams ? gramCondition(plan, $) : ''
  const chosen =
    grams === ''
      ? `SELECT ${columns} FROM mine JOIN search_blocks b USING (conversation_id) WHERE ${inRange}`
      : `SELECT ${columns} FROM mine JOIN search_blocks b USING (conversation_id) WHERE b.grams IS NULL AND ${inRange}
    UNION ALL
    SELECT ${columns} FROM mine JOIN likely b USING (conversation_id) WHERE ${inRange}`
  const has = termCondition(plan, $)
  const at = `left(text, ${header.timeLength}) COLLATE "C"`
  return `WITH mine AS MATERIALIZED (
  SELECT p.conversation_id, p.joined_seq FROM participants p ${activeCondition(request, $)}
  WHERE p.user_id = ${$(request.userId)} AND p.left_version IS NULL
    ${request.conversationId === undefined ? '' : `AND p.conversation_id = ${$(request.conversationId)}`}
), ${grams === '' ? '' : likelyBlocks(grams)}block AS MATERIALIZED (
  SELECT * FROM (${chosen}) chosen
  ORDER BY newest_at DESC, conversation_id DESC, from_seq DESC LIMIT ${$(request.blocks)}
), hit AS (
  SELECT block.conversation_id, block.from_seq + (line.number - 1)::int AS seq, line.text, whole.languages,
    block.joined_seq
  FROM block
  CROSS JOIN LATERAL (
    SELECT b.lines || '' AS text, b.languages FROM search_blocks b
    WHERE b.conversation_id = block.conversation_id AND b.from_seq = block.from_seq OFFSET 0
  ) whole
  CROSS JOIN LATERAL string_to_table(whole.text, E'\\n') WITH ORDINALITY AS line (text, number)
  WHERE ${has('whole')}${senderCondition(plan, $)} AND ${has('line')}
  OFFSET 0
), found AS (
  SELECT conversation_id, seq, ${at} AS at, languages FROM hit
  WHERE seq > joined_seq AND ${at} > ${$(timeLetters(request.after))}
    AND (${at}, conversation_id, seq) < (${$(timeLetters(place.at))}, ${$(place.conversationId)}, ${$(place.seq)})
    ${headerCondition(plan, $)}
  ORDER BY at DESC, conversation_id DESC, seq DESC LIMIT ${$(request.candidates)}
), last AS (
  SELECT (SELECT count(*) FROM block)::int AS count, newest_at, conversation_id, from_seq
  FROM block ORDER BY newest_at, conversation_id, from_seq LIMIT 1
)
SELECT last.count, last.newest_at AS "newestAt", last.conversation_id AS "conversationId", last.from_seq AS "fromSeq",
  found.at, found.conversation_id AS "candidateId", found.seq, found.languages
FROM last LEFT JOIN found ON true`
}

/** Leaves out conversations without messages after that time. */
const activeCondition = ({ blocksAfter }: BlockRequest, $: Parameter): string =>
  blocksAfter < 0
    ? ''
    : `JOIN conversations c ON c.id = p.conversation_id AND c.last_activity_at > ${$(new Date(blocksAfter - skewMs))}`

/**
 * Sealed blocks of anyone with these n-grams. A CTE of its own, so that the index is used:
 * comparing row by row is slow.
 */
const likelyBlocks = (condition: string) => `likely AS MATERIALIZED (
  SELECT b.conversation_id, b.from_seq, b.to_seq, b.oldest_at, b.newest_at FROM search_blocks b
  WHERE b.grams IS NOT NULL AND (${condition})
), `

/**
 * The condition that a whole block, or a line in it, has every term. Only the block is asked
 * whether a stem is of its languages. `strpos` is faster in long texts, `LIKE` in short ones.
 */
function termCondition({ terms }: SearchPlan, $: Parameter): (of: 'whole' | 'line') => string {
  const toNeedle = (text: string) => ({ whole: $(text), line: $(`%${text.replace(/[\\%_]/g, '\\$&')}%`) })
  const asked = terms.map(({ needle, stemNeedles }) => ({
    needle: toNeedle(needle),
    stems: stemNeedles.map((stem) => ({
      needle: toNeedle(stem.needle),
      languages: stem.languages && $(stem.languages),
    })),
  }))
  type Needle = ReturnType<typeof toNeedle>
  return (of) => {
    const isIn = ({ whole, line }: Needle) =>
      of === 'whole' ? `strpos(whole.text, ${whole}) > 0` : `line.text LIKE ${line}`
    const isStemIn = ({ needle, languages }: { needle: Needle; languages: string | undefined }) =>
      languages === undefined || of === 'line'
        ? isIn(needle)
        : `(whole.languages && ${languages}::text[] AND ${isIn(needle)})`
    const isTermIn = ({ needle, stems }: (typeof asked)[number]) =>
      `(${[isIn(needle), ...stems.map(isStemIn)].join(' OR ')})`
    return asked.map(isTermIn).join(' AND ')
  }
}

function rangeCondition({ place, blocksAfter, beyond }: BlockRequest, $: Parameter): string {
  const conditions = [
    'b.to_seq > mine.joined_seq',
    `b.oldest_at <= ${$(new Date(place.at))}`,
    `b.newest_at > ${$(new Date(blocksAfter))}`,
  ]
  if (beyond) {
    const end = [beyond.newestAt, beyond.conversationId, beyond.fromSeq].map((value) => $(value))
    conditions.push(`(b.newest_at, b.conversation_id, b.from_seq) < (${end.join(', ')})`)
  }
  return conditions.join(' AND ')
}

/**
 * The condition that a sealed block has the n-grams. Empty if there are none. Written as
 * alternatives of conjunctions: the planner compares row by row what the index cannot answer as a
 * whole.
 */
function gramCondition(plan: SearchPlan, $: Parameter): string {
  const alternatives = gramAlternatives(plan).map(({ all, any }) => {
    const contains = all.length === 0 ? [] : [`b.grams @> ${$(all)}::smallint[]`]
    return [...contains, ...any.map((some) => `b.grams && ${$(some)}::smallint[]`)].join(' AND ')
  })
  return alternatives.includes('') ? '' : `(${alternatives.join(') OR (')})`
}

/** Skips blocks without a message of the sender. */
const senderCondition = ({ sender }: SearchPlan, $: Parameter) =>
  sender === null ? '' : ` AND strpos(whole.text, ${$(sender)}) > 0`

function headerCondition({ sender, flags }: SearchPlan, $: Parameter): string {
  const { timeLength, senderLength, length } = header
  const bySender =
    sender === null ? '' : ` AND substr(text, ${timeLength + 1}, ${senderLength}) = ${$(sender)}`
  const byFlag = flags === null ? '' : ` AND strpos(${$(flags)}, substr(text, ${length}, 1)) > 0`
  return bySender + byFlag
}
