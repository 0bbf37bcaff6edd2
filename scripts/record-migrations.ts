import { recordMigrations } from './check-migrations.ts'

recordMigrations()
