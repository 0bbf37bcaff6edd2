import type { SchemaEngine } from '@prisma/schema-engine-wasm'

/**
 * Runs `work` with Prisma's own schema engine, as WebAssembly, on a database of PostgreSQL. It has no statement timeout:
 * a migration takes what it takes. The engine is loaded only here: most starts have nothing to migrate.
 */
export async function withSchemaEngine<T>(
  url: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const [{ SchemaEngine }, { bindMigrationAwareSqlAdapterFactory }, { createSchemaAdapter }] =
    await Promise.all([
      import('@prisma/schema-engine-wasm'),
      import('@prisma/driver-adapter-utils'),
      import('./schema-adapter.ts'),
    ])
  Reflect.set(globalThis, 'PRISMA_WASM_PANIC_REGISTRY', { set_message: reportPanic })
  const adapter = createSchemaAdapter(url)
  try {
    using engine = await SchemaEngine.new(
      { datamodels: undefined },
      () => {},
      bindMigrationAwareSqlAdapterFactory(adapter),
    )
    return await work(engine)
  } finally {
    await adapter.end()
  }
}

/** The engine calls this before it traps; without it, all that is seen is "unreachable". */
function reportPanic(message: string): never {
  throw new Error(`Prisma's schema engine gave up: ${message}`)
}

/** Nothing is managed by anyone else. */
export const noFilters = { externalTables: [], externalEnums: [] }
