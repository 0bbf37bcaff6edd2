import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@finnigram/contracts'
import { createLogger, openPool } from '@finnigram/service-kit'
import type { Database } from '../archive-fill.ts'
import type { BenchServer } from '../start-server.ts'
import { type FilledGroup, filledVersion, fillGroups, fillUsers } from './fill-database.ts'

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
