//! Writes the TypeScript of the contract to `ui/src/ipc/generated`.

use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/ipc/generated");
    pishkhan_ipc::typescript::export(&folder)
}
