// A server that speaks CouchDB's protocol, over LevelDB in a folder. Says its port when it listens.
//
//   node pouchdb_server.js <folder>
const express = require('express')
const expressPouchDB = require('express-pouchdb')
const PouchDB = require('pouchdb')

const [folder] = process.argv.slice(2)
const app = express()
const options = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${folder}/log.txt` }
app.use('/', expressPouchDB(PouchDB.defaults({ prefix: `${folder}/` }), options))
const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port }))
})
process.stdin.resume().on('end', () => process.exit(0))
