import type { SchemaEngine } from '@prisma/schema-engine-wasm'

/**
 * Prisma's own schema engine, as WebAssembly, on a database of PostgreSQL. It has no statement timeout: a migration
 * takes what it takes. Loaded when asked for: most starts have nothing to migrate, and some services no database.
 */
export async function openSchemaEngine(url: string): Promise<SchemaEngine> {
  const [{ SchemaEngine }, { PrismaPg }, { bindMigrationAwareSqlAdapterFactory }] = await Promise.all([
    import('@prisma/schema-engine-wasm'),
    import('@prisma/adapter-pg'),
    import('@prisma/driver-adapter-utils'),
  ])
  const adapter = bindMigrationAwareSqlAdapterFactory(
    new PrismaPg({ connectionString: url, max: 2, connectionTimeoutMillis: 5000 }, { onPoolError: () => {} }),
  )
  return SchemaEngine.new({ datamodels: undefined }, () => {}, adapter)
}

/** Nothing is managed by anyone else. */
export const noFilters = { externalTables: [], externalEnums: [] }
