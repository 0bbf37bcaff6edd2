export { ListenFailure } from './open-server.ts'
export { startBalancer } from './start-balancer.ts'
export { type Gateway, type GatewayOptions, startGateway } from './start-gateway.ts'
export { type UpstreamNode, UpstreamPool } from './upstream-pool.ts'
