import { z } from 'zod'

/**
 * The settings are wrong, or name a server that cannot be worked with; the message is for whoever
 * set them, without values (they may be secret).
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads settings by name from `env`; an empty value counts as absent. Throws one `ConfigError` that names all mistakes. */
export function readEnv<S extends z.ZodRawShape>(
  shape: S,
  env: Record<string, string | undefined>,
): z.output<z.ZodObject<S>> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = z.object(shape).safeParse(present)
  if (result.success) return result.data
  const mistakes = result.error.issues.map((issue) => {
    const name = issue.path.join('./config')
    return `  ${name}: ${name in present ? issue.message : 'is missing'}`
  })
  throw new ConfigError(`These settings are not valid:\n${mistakes.join('\n')}`)
}
