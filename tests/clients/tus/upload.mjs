// Uploads a file with tus-js-client, which others have written from the specification of tus alone.
//
//   node upload.mjs ENDPOINT TOKEN FILE [CHUNK_BYTES]
//
// With a chunk size, the first chunk goes along with the creation.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const [endpoint, token, path, chunk] = process.argv.slice(2);
const file = readFileSync(path);
const upload = new Upload(file, {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { sha256: createHash("sha256").update(file).digest("hex") },
  chunkSize: chunk ? Number(chunk) : Infinity,
  uploadDataDuringCreation: Boolean(chunk),
  // At once, as often as that; whoever got further begins to count anew.
  retryDelays: Array(10).fill(0),
  onSuccess: () => console.log(upload.url),
  onError: (error) => {
    console.error(error);
    process.exitCode = 1;
  },
});
upload.start();
