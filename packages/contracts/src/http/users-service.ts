export * from './auth.ts'
export * from './parked.ts'
export * from './users.ts'
export * from './users-internal.ts'
