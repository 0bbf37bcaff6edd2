export {
  type Cluster,
  type Disturbance,
  type Link,
  type LinkName,
  linkNames,
  type Target,
} from './cluster/cluster.ts'
export { type ClusterOptions, startCluster } from './cluster/start-cluster.ts'
export { applyFault } from './nemesis/apply-fault.ts'
