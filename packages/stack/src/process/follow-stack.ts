/**
 * Loaded before each service (`node --import`): a service whose stack has died (kill -9, crash) ends itself in good
 * order, so that no stray server keeps answering.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()
