export type { Cluster, Disturbance, Link, LinkName, Target } from './cluster/cluster.ts'
export { type ClusterOptions, startCluster } from './cluster/start-cluster.ts'
