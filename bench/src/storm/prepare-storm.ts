import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@finnigram/contracts'
import { createLogger, openPool } from '@finnigram/service-kit'
import { searchWords } from '@finnigram/users/search-words'
import type { Database } from '../archive-fill.ts'
import { seededRandom } from '../random.ts'
import type { BenchServer } from '../start-server.ts'

import type { Writer } from './other-traffic.ts'
import { openDevice, type StormDevice } from './storm-device.ts'

/** People without a socket, who send and read. */
const others = 100
const groupsEach = 5
const groupSize = 10

/**
 * Fills the databases and opens the devices. The pool is that of the messages service's database.
 */
export async function prepareStorm(server: BenchServer, sockets: number) {
  const log = createLogger({ service: 'bench', nodeId: 'bench', level: 'error' })
  const settings = { name: 'bench', log, statementTimeoutMs: 600_000, max: 2 }
  await using users = openPool({ url: server.usersDatabase, ...settings })
  const pool = openPool({ url: server.messagesDatabase, ...settings })
  const issueToken = await issueTokens(users)
  const userIds = Array.from({ length: sockets + others }, () => newId())
  const plan = {
    userIds: userIds.slice(others),
    others: userIds.slice(0, others),
    groupsEach,
    size: groupSize,
  }
  const groups = await fillGroups(pool, plan)
  // Not before: the messages service may be copying everyone's profile at this moment.
  await fillUsers(users, userIds)
  // Every service asks for the keys again within this time.
  await sleep(5000)
  const groupsOf = Map.groupBy(
    groups.flatMap((group) => group.userIds.map((userId) => ({ userId, id: group.id }))),
    ({ userId }) => userId,
  )
  const devices = plan.userIds.map(
    (userId) => () =>
      openDevice({
        url: server.url,
        token: issueToken(userId),
        conversationIds: (groupsOf.get(userId) ?? []).map(({ id }) => id),
        version: filledVersion,
      }),
  )
  return { devices: await openGently(devices), writers: writersOf(groups, issueToken), pool }
}

/** The one of each group who has no socket. */
function writersOf(groups: readonly FilledGroup[], issueToken: (userId: string) => string): Writer[] {
  const tokens = new Map<string, string>()
  return groups.map(({ id, userIds }) => {
    const userId = userIds.at(-1) ?? ''
    const token = tokens.get(userId) ?? issueToken(userId)
    tokens.set(userId, token)
    return { token, conversationId: id }
  })
}

async function openGently(open: readonly (() => StormDevice)[]): Promise<StormDevice[]> {
  const devices: StormDevice[] = []
  for (const [i, openOne] of open.entries()) {
    devices.push(openOne())
    if (i % 10 === 9) await sleep(60)
  }
  return devices
}

/** Makes access tokens by itself. */
type IssueToken = (userId: string) => string

const lifeSeconds = 15 * 60
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * Gives the users service a signing key of which the private part is known here: thousands sign in
 * without a password being hashed for each. The service takes the key up, and every other service
 * learns of it, within seconds.
 */
async function issueTokens(users: Database): Promise<IssueToken> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { crv, kty, x, d } = privateKey.export({ format: 'jwk' })
  // RFC 7638.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
  await users.query(
    'INSERT INTO signing_keys (kid, public_jwk, private_jwk, active_from) VALUES ($1, $2, $3, now())',
    [kid, { kid, kty, crv, x, alg: 'EdDSA', use: 'sig' }, { kty, crv, x, d }],
  )
  const header = part({ alg: 'EdDSA', typ: 'at+jwt', kid })
  return (userId) => {
    const iat = Math.floor(Date.now() / 1000)
    const life = { iat, exp: iat + lifeSeconds }
    const claims = { iss: 'finnigram', aud: 'finnigram', sub: userId, sid: newId(), jti: newId(), ...life }
    const text = `${header}.${part(claims)}`
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
  }
}

/** A group that has been there for a while. */
interface FilledGroup {
  id: string
  userIds: string[]
}

interface GroupsPlan {
  /** People who are in `groupsEach` groups of `size`. */
  userIds: readonly string[]
  /** One of them is in every group besides, in turn. */
  others: readonly string[]
  groupsEach: number
  size: number
}

/** Messages said in each group before anything is measured, and the version that leaves. */
const saidBefore = 20
const filledVersion = saidBefore + 1

/** Writes groups with some history straight into the database of the messages service. */
async function fillGroups(messages: Database, plan: GroupsPlan): Promise<FilledGroup[]> {
  const groups = planGroups(plan)
  await copyProfiles(messages, [...plan.userIds, ...plan.others])
  const members = groups.flatMap(({ id, userIds }) => userIds.map((userId) => ({ id, userId })))
  await messages.query(
    `INSERT INTO conversations (id, kind, title, created_by, participant_count, last_seq, version, compacted_version)
SELECT id, 'group', 'Group', by, $3, $4, $5, $5 FROM unnest($1::uuid[], $2::uuid[]) AS g (id, by)`,
    [
      groups.map(({ id }) => id),
      groups.map(({ userIds }) => userIds[0]),
      plan.size + 1,
      saidBefore,
      filledVersion,
    ],
  )
  await messages.query(
    `INSERT INTO participants (conversation_id, user_id, role, joined_seq, joined_version)
SELECT id, user_id, 'member', 0, 1 FROM unnest($1::uuid[], $2::uuid[]) AS m (id, user_id)`,
    [members.map(({ id }) => id), members.map(({ userId }) => userId)],
  )
  await messages.query('ALTER TABLE messages DISABLE TRIGGER USER')
  await messages.query(
    `INSERT INTO messages (id, conversation_id, seq, version, sender_id, text, text_versions, created_at)
SELECT gen_random_uuid(), c.id, s, s + 1, c.created_by, 'What was said before, number ' || s, ARRAY[s + 1], now() - interval '1 day'
FROM conversations c, generate_series(1, $1::int) AS s`,
    [saidBefore],
  )
  await messages.query('ALTER TABLE messages ENABLE TRIGGER USER')
  await messages.query('VACUUM ANALYZE')
  return groups
}

/** Everyone once in each round of groups, in another order. */
function planGroups({ userIds, others, groupsEach, size }: GroupsPlan): FilledGroup[] {
  const random = seededRandom(11)
  const groups: FilledGroup[] = []
  for (let round = 0; round < groupsEach; round += 1) {
    const order = userIds.map((userId) => ({ userId, at: random() })).sort((a, b) => a.at - b.at)
    for (let start = 0; start < order.length; start += size) {
      const other = others[groups.length % others.length]
      if (other === undefined) throw new Error('Nobody else is there')
      const members = order.slice(start, start + size).map(({ userId }) => userId)
      groups.push({ id: newId(), userIds: [...members, other] })
    }
  }
  return groups
}

/** As the events of the users service would have told of them. */
export async function copyProfiles(messages: Database, userIds: readonly string[]): Promise<void> {
  const profiles = userIds.map((id, i) => ({
    id,
    username: `storm${i}`,
    displayName: `Storm ${i}`,
    bio: '',
    avatarUrl: null,
    createdAt: new Date().toISOString(),
    lastSeenAt: null,
  }))
  await messages.query(
    `INSERT INTO users_replica (id, profile, username, version)
SELECT id, profile::jsonb, username, 1 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS p (id, profile, username)`,
    [userIds, profiles.map((profile) => JSON.stringify(profile)), profiles.map(({ username }) => username)],
  )
}

/** Writes people straight into the database of the users service. */
export async function fillUsers(users: Database, userIds: readonly string[]): Promise<void> {
  const people = userIds.map((id, i) => ({
    id,
    username: `storm${i}`,
    displayName: `Storm ${i}`,
  }))
  await users.query(
    `INSERT INTO users (id, username, display_name, password_hash, preferences, search_words)
SELECT id, username, display_name, '', '{}',
  array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(words::jsonb)))
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS person (id, username, display_name, words)`,
    [
      people.map(({ id }) => id),
      people.map(({ username }) => username),
      people.map(({ displayName }) => displayName),
      people.map((person) => JSON.stringify(searchWords(person))),
    ],
  )
  await users.query('VACUUM ANALYZE users')
}
