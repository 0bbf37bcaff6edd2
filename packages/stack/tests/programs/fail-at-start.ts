process.stderr.write('no luck today\n')
process.exitCode = 3
