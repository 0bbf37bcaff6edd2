import { totalmem } from 'node:os'

const megabyte = 1024 * 1024

/** Command-line settings: loopback only, durable commits, sized to a machine that also runs everything else. */
export function postgresSettings(port: number): string[] {
  const sharedBuffers = Math.round(Math.min(Math.max(totalmem() / 16 / megabyte, 128), 1024))
  return Object.entries({
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${sharedBuffers * 4}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '128MB',
    synchronous_commit: 'on',
    wal_compression: 'on',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    jit: 'off',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_duration_statement: '1s',
    // What people write and their addresses are in no log, neither as values nor in what a refused row is called.
    log_parameter_max_length: 0,
    log_error_verbosity: 'terse',
    lc_messages: 'C',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
