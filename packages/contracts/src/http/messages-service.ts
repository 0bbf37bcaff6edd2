export * from './conversations.ts'
export * from './internal.ts'
export * from './messages.ts'
