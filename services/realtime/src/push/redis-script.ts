import type { RedisLink } from '@finnigram/service-kit'

/** A Lua script that runs atomically in Redis. Keys come first. */
export type Script = (...values: (string | number)[]) => Promise<unknown>

/**
 * Defines a script on a connection, before its first command: later it would break an open
 * pipeline.
 */
export function defineScript(
  { commands }: RedisLink,
  name: string,
  { keys, lua }: { keys: number; lua: string },
): Script {
  commands.defineCommand(name, { numberOfKeys: keys, lua })
  const command = Reflect.get(commands, name) as Script
  return (...values) => command.apply(commands, values)
}
