import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Methods, Remote } from './remote.ts'

/** How long the process may take to put away what it holds, in milliseconds. */
const patienceMs = 30_000

/**
 * Starts a program that serves its parent (`serveParent`); `onNotice` hears what it tells unasked.
 */
export function startRemote<M extends Methods>(
  program: string,
  onNotice: (notice: unknown) => void = () => {},
): Remote<M> {
  const child = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0

  child.on('message', (message) => {
    if ('notice' in Object(message)) return onNotice(Reflect.get(Object(message), 'notice'))
    const { id, value, error } = message as Answer
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(value)
    else call?.reject(new Error(error))
  })
  child.once('exit', (code, signal) => {
    for (const call of waiting.values()) call.reject(new Error(`${program} ended with ${code ?? signal}`))
    waiting.clear()
  })
  return {
    call(method, ...args) {
      lastId += 1
      const call = Promise.withResolvers<unknown>()
      waiting.set(lastId, call)
      child.send({ id: lastId, method, args }, (error) => error && call.reject(error))
      return call.promise as ReturnType<Remote<M>['call']>
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await exited
      clearTimeout(timer)
    },
  }
}
