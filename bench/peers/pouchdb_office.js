// An office that keeps its applications in PouchDB (LevelDB) and replicates them. Says "ready" when
// all are in its own database, replicates when told "go", and then says what came of it.
//
//   node pouchdb_office.js <address of the database> <documents> <how many> <folder> <patience in s>
const fs = require('node:fs')
const readline = require('node:readline')
const PouchDB = require('pouchdb')

const [address, documents, many, folder, patience] = process.argv.slice(2)
const say = (what) => console.log(JSON.stringify(what))

async function main() {
  const local = new PouchDB(`${folder}/office`)
  const lines = fs.readFileSync(documents, 'utf8').split('\n').slice(0, Number(many))
  await local.bulkDocs(lines.map((line) => JSON.parse(line)))
  // The centre's database is there before the line is measured.
  await new PouchDB(address).info()
  say({ ready: true })
  const orders = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  await orders.next()

  const begun = process.hrtime.bigint()
  const seconds = () => Number(process.hrtime.bigint() - begun) / 1e9
  let tries = 0
  let fault = null
  let written = 0
  do {
    tries += 1
    try {
      const result = await local.replicate.to(address)
      written += result.docs_written
      fault = null
      break
    } catch (error) {
      fault = String(error.message || error)
      written += error.result ? error.result.docs_written : 0
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  } while (seconds() < Number(patience))
  say({ seconds: seconds(), tries, finished: fault === null, written, fault })
  process.exit(0)
}

main().catch((error) => {
  say({ fault: String(error) })
  process.exit(1)
})
