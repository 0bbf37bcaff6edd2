process.on('SIGTERM', () => {})
setInterval(() => {}, 1_000)
process.stdout.write('here to stay\n')
