// One copy of the example's service, in a process of its own, on a clock that the test moves.

const { main } = await import(process.argv[2] ?? '')
let ahead = 0

process.on('message', ({ args, clock }) => {
  ahead = clock
  if (!args) return
  main(args, () => new Date(Date.now() + ahead)).then(
    () => process.exit(0),
    error => {
      console.error(error)
      process.exit(1)
    },
  )
})
// Without the test nobody would end it.
process.on('disconnect', () => process.exit(1))
process.send?.('ready')
