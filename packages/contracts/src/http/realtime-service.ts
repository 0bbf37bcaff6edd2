export * from './parked.ts'
export * from './push.ts'
