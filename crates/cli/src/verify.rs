//! Verifying a receipt, with no office when the centre's key is given.

use std::io::Read;

use anyhow::Context;
use pishkhan_counter::verify_receipt;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_ipc::receipt::{ReceiptVerdict, ReceiptVerifyRequest};
use pishkhan_protocol::keys::PublicKey;

use crate::arguments::{Arguments, Verify};
use crate::exit::Exit;
use crate::office::Office;
use crate::say;

/// Longest address that is read: many times what a QR holds.
const MAX_URL_BYTES: u64 = 64 * 1024;

/// Prints the verdict.
pub(crate) fn run(arguments: &Arguments, verify: &Verify) -> anyhow::Result<Exit> {
    let url = url(&verify.url)?;
    let verdict = match &verify.centre_key {
        Some(key) => verify_receipt(&url, &public_key(key)?),
        None => {
            let office = Office::unlocked(arguments)?;
            office.told(office.counter.receipt_verify(&ReceiptVerifyRequest { url }))?
        }
    };
    say::line(&verdict)?;
    match verdict {
        ReceiptVerdict::Genuine { .. } => Ok(Exit::Done),
        ReceiptVerdict::False { code } => {
            let language = crate::office::language(arguments);
            let none = Default::default();
            say::to_people(&pishkhan_counter::sentence::sentence(language, &code, &none));
            Ok(Exit::Rejected)
        }
    }
}

fn url(given: &str) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut read = String::new();
    std::io::stdin().take(MAX_URL_BYTES).read_to_string(&mut read)?;
    Ok(read.trim().to_owned())
}

fn public_key(hex: &str) -> anyhow::Result<PublicKey> {
    // Keys and hashes are 32 bytes alike.
    let ContentHash(bytes) =
        hex.trim().parse().context("the centre's key: 64 hexadecimal digits")?;
    Ok(PublicKey(bytes))
}
