import type pg from 'pg'
import type { Language } from './languages.ts'
import type { PlannedTerm, SearchPlan } from './plan-search.ts'
import { header } from './search-line.ts'
import { type SearchPlace, timeLetters, timeOf } from './search-place.ts'

/** A message that matched when it was made findable. */
export interface Candidate extends SearchPlace {
  languages: Language[]
}

/** Where the blocks of a reader that were looked at end: the next are older. */
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
  /** Only what comes later in the list than this. */
  place: SearchPlace
  /** Only what was sent after this time. */
  after: number
  /** Only blocks that come after this one. */
  beyond: BlockPlace | undefined
  /** Full blocks are asked for by their grams; otherwise all are read. */
  byGrams: boolean
  /** At most so many blocks. */
  blocks: number
  /** At most so many candidates, the newest of these blocks. */
  candidates: number
}

export interface BlockReply {
  candidates: Candidate[]
  /** Undefined when these were the last. */
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
 * Looks through blocks of the conversations a reader takes part in, newest first. The blocks are chosen before any of
 * their text is read; a text is read once, and taken apart only where every term is in it.
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

type Parameter = (value: unknown) => string

function statement(request: BlockRequest, $: Parameter): string {
  const { plan, place } = request
  const columns = 'b.conversation_id, b.from_seq, b.newest_at, b.languages, mine.joined_seq'
  const inRange = rangeCondition(request, $)
  const chosen = request.byGrams
    ? `SELECT ${columns} FROM mine JOIN search_blocks b USING (conversation_id) WHERE b.grams IS NULL AND ${inRange}
    UNION ALL
    SELECT ${columns} FROM mine JOIN search_blocks b USING (conversation_id)
    WHERE b.grams IS NOT NULL AND ${inRange}${gramCondition(plan, $)}`
    : `SELECT ${columns} FROM mine JOIN search_blocks b USING (conversation_id) WHERE ${inRange}`
  const terms = plan.terms.map(({ needles }) => needles.map((needle) => $(needle)))
  const has = (text: string) =>
    terms
      .map((needles) => `(${needles.map((needle) => `strpos(${text}, ${needle}) > 0`).join(' OR ')})`)
      .join(' AND ')
  const at = `left(line.text, ${header.timeLength}) COLLATE "C"`
  return `WITH mine AS MATERIALIZED (
  SELECT conversation_id, joined_seq FROM participants
  WHERE user_id = ${$(request.userId)} AND left_version IS NULL
    ${request.conversationId === undefined ? '' : `AND conversation_id = ${$(request.conversationId)}`}
), block AS MATERIALIZED (
  SELECT * FROM (${chosen}) chosen
  ORDER BY newest_at DESC, conversation_id DESC, from_seq DESC LIMIT ${$(request.blocks)}
), found AS (
  SELECT block.conversation_id, block.from_seq + (line.number - 1)::int AS seq, ${at} AS at, block.languages
  FROM block
  CROSS JOIN LATERAL (
    SELECT b.lines || '' AS text FROM search_blocks b
    WHERE b.conversation_id = block.conversation_id AND b.from_seq = block.from_seq OFFSET 0
  ) whole
  CROSS JOIN LATERAL string_to_table(whole.text, E'\\n') WITH ORDINALITY AS line (text, number)
  WHERE ${has('whole.text')} AND ${has('line.text')}${headerCondition(plan, $)}
    AND block.from_seq + line.number > block.joined_seq + 1
    AND ${at} > ${$(timeLetters(request.after))}
    AND (${at}, block.conversation_id, block.from_seq + line.number - 1)
      < (${$(timeLetters(place.at))}, ${$(place.conversationId)}, ${$(place.seq)})
  ORDER BY at DESC, conversation_id DESC, seq DESC LIMIT ${$(request.candidates)}
), last AS (
  SELECT (SELECT count(*) FROM block)::int AS count, newest_at, conversation_id, from_seq
  FROM block ORDER BY newest_at, conversation_id, from_seq LIMIT 1
)
SELECT last.count, last.newest_at AS "newestAt", last.conversation_id AS "conversationId", last.from_seq AS "fromSeq",
  found.at, found.conversation_id AS "candidateId", found.seq, found.languages
FROM last LEFT JOIN found ON true`
}

function rangeCondition({ place, after, beyond }: BlockRequest, $: Parameter): string {
  const conditions = [
    'b.to_seq > mine.joined_seq',
    `b.oldest_at <= ${$(new Date(place.at))}`,
    `b.newest_at > ${$(new Date(after))}`,
  ]
  if (beyond) {
    const end = [beyond.newestAt, beyond.conversationId, beyond.fromSeq].map((value) => $(value))
    conditions.push(`(b.newest_at, b.conversation_id, b.from_seq) < (${end.join(', ')})`)
  }
  return conditions.join(' AND ')
}

function gramCondition({ terms, headerGrams }: SearchPlan, $: Parameter): string {
  const ofTerm = ({ grams }: PlannedTerm) => {
    if (!grams) return ''
    const any = grams.any.length === 0 ? '' : ` OR b.grams && ${$(grams.any)}::smallint[]`
    return ` AND (b.grams @> ${$(grams.all)}::smallint[]${any})`
  }
  const ofHeader = (grams: number[]) => ` AND b.grams && ${$(grams)}::smallint[]`
  return [...terms.map(ofTerm), ...headerGrams.map(ofHeader)].join('')
}

function headerCondition({ sender, flags }: SearchPlan, $: Parameter): string {
  const { timeLength, senderLength, length } = header
  const bySender =
    sender === null ? '' : ` AND substr(line.text, ${timeLength + 1}, ${senderLength}) = ${$(sender)}`
  const byFlag = flags === null ? '' : ` AND strpos(${$(flags)}, substr(line.text, ${length}, 1)) > 0`
  return bySender + byFlag
}
