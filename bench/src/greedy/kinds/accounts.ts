import { newId } from '@finnigram/contracts'
import { flood, type GreedyKind } from '../greedy-kind.ts'

/**
 * Groups of as many strangers as go into one, some of whom do not exist, and more added to them.
 */
export const groups: GreedyKind = {
  name: 'groups',
  async prepare(push) {
    const { account, conversationId, strangerIds } = push.scene
    const { token } = account
    const unknown = Array.from({ length: 100 }, () => newId())
    return () =>
      flood(push, 8, (n) => {
        const userIds = n % 3 === 0 ? [...strangerIds.slice(0, 100), ...unknown] : strangerIds.slice(0, 900)
        if (n % 2 === 0) {
          return push.caller.ask('POST /v1/conversations', {
            token,
            body: { kind: 'group', title: `Group ${n}`, userIds },
          })
        }
        return push.caller.ask(`POST /v1/conversations/${conversationId}/participants`, {
          token,
          body: { userIds: userIds.slice(n % 800, (n % 800) + 20) },
        })
      })
  },
}

/** Signing in, up, and asking for mails, with ever other names. */
export const signIns: GreedyKind = {
  name: 'sign-ins',
  async prepare(push) {
    const ask = (what: string, body: object) => push.caller.ask(`POST /v1/auth/${what}`, { body })
    const tag = Math.random().toString(36).slice(2, 8)
    return () =>
      flood(push, 24, (n) => {
        const password = `a long guess ${n}`
        if (n % 3 === 0) return ask('login', { identifier: `nobody_${tag}_${n}`, password })
        if (n % 3 === 1) return ask('password/forgot', { email: `nobody+${n}@${tag}.example` })
        return ask('register', { username: `many_${tag}_${n}`, displayName: 'One of many', password })
      })
  },
}
