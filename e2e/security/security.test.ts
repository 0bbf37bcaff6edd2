import { afterAll, beforeAll, describe } from 'vitest'
import { testAttacks } from './attack.ts'
import { bodyAttacks } from './bodies.ts'
import { cursorAttacks } from './cursors.ts'
import { disclosureAttacks } from './disclosure.ts'
import { factorAttacks } from './factors.ts'
import { fieldAttacks } from './fields.ts'
import { notificationAttacks } from './notifications.ts'
import { raceAttacks } from './races.ts'
import { requestAttacks } from './requests.ts'
import { testLogs } from './secrets-in-logs.ts'
import { sessionAttacks } from './sessions.ts'
import { smugglingAttacks } from './smuggling.ts'
import { socketAttacks } from './sockets.ts'
import { takeoverAttacks } from './takeover.ts'
import { startTarget, type Target } from './target.ts'
import { textAttacks } from './text.ts'
import { tokenAttacks } from './tokens.ts'
import { uploadAttacks } from './uploads.ts'

let target: Target

beforeAll(async () => {
  target = await startTarget()
})
afterAll(async () => {
  await target?.[Symbol.asyncDispose]()
})

describe('tokens', () => testAttacks(() => target, tokenAttacks))
describe('sessions', () => testAttacks(() => target, sessionAttacks))
describe('passwords and factors', () => testAttacks(() => target, factorAttacks))
describe('stolen tokens', () => testAttacks(() => target, takeoverAttacks))
describe('races', () => testAttacks(() => target, raceAttacks))
describe('bodies', () => testAttacks(() => target, bodyAttacks))
describe('fields', () => testAttacks(() => target, fieldAttacks))
describe('cursors', () => testAttacks(() => target, cursorAttacks))
describe('smuggling', () => testAttacks(() => target, smugglingAttacks))
describe('requests', () => testAttacks(() => target, requestAttacks))
describe('text', () => testAttacks(() => target, textAttacks))
describe('sockets', () => testAttacks(() => target, socketAttacks))
describe('uploads', () => testAttacks(() => target, uploadAttacks))
describe('notifications', () => testAttacks(() => target, notificationAttacks))
describe('disclosure', () => testAttacks(() => target, disclosureAttacks))
describe('logs', () => testLogs(() => target))
