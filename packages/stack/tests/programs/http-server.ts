import { createServer } from 'node:http'

/** The smallest server to supervise: answers every request with its name. */
const [name, port] = process.argv.slice(2)
createServer((_request, response) => response.end(name)).listen(Number(port), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
process.once('disconnect', () => process.exit(0))
