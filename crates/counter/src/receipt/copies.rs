//! Counting copies: 1 is the original, 2 and more are marked «المثنی».
//!
//! A paper and a log cannot change in one step, so a copy number goes through three:
//! 1. It is claimed, durably, before the first byte leaves.
//! 2. The bytes leave.
//! 3. The printing is recorded in the log and the claim ends, or the claim alone ends when no paper
//!    can have come out (no printer, no connection, refused by the spooler, no file).
//!
//! A claim that is still there when the next print begins, or when the program starts, is what a
//! killed process left: nobody knows whether the paper came out, so it is recorded as printed. The
//! mistake that remains is a first paper marked «المثنی»; two papers without the mark cannot exist.
//! A printer that was off costs no number, and the application stays among those to be printed.

use std::collections::BTreeMap;

use pishkhan_domain::ids::ApplicationId;
use pishkhan_ipc::error::IpcError;
use pishkhan_protocol::body::{EventBody, ReceiptPrinted};

use crate::counter::{Counter, Desk};
use crate::error::CounterError;

/// Copies whose bytes may be on their way, by application.
const CLAIMS: &str = "receipt_claims";

type Claims = BTreeMap<ApplicationId, u32>;

impl Counter {
    /// Records what a killed process may have printed.
    pub(crate) fn settle_prints(&self) -> Result<(), IpcError> {
        let _turn = self.print_turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.at_desk(|desk| desk.settle_claims())
    }
}

impl Desk<'_> {
    /// The number of the next copy, a claimed one counted.
    pub(crate) fn next_copy(&self, id: ApplicationId) -> Result<u32, CounterError> {
        let counted = self.store.row(id, self.now_ms)?.copies_printed;
        let claimed = self.claims()?.get(&id).copied().unwrap_or_default();
        Ok(counted.max(claimed) + 1)
    }

    pub(crate) fn claim_copy(&mut self, id: ApplicationId, copy: u32) -> Result<(), CounterError> {
        let mut claims = self.claims()?;
        claims.insert(id, copy);
        self.set_claims(&claims)
    }

    /// No paper came out.
    pub(crate) fn release_copy(&mut self, id: ApplicationId) -> Result<(), CounterError> {
        let mut claims = self.claims()?;
        claims.remove(&id);
        self.set_claims(&claims)
    }

    /// The paper came out, or may have.
    pub(crate) fn count_copy(&mut self, id: ApplicationId, copy: u32) -> Result<(), CounterError> {
        let printed = ReceiptPrinted { application: id, copy };
        self.append(EventBody::ReceiptPrinted(printed), None)?;
        self.release_copy(id)
    }

    pub(crate) fn settle_claims(&mut self) -> Result<(), CounterError> {
        for (id, copy) in self.claims()? {
            // Killed between the two: recorded, and the claim still there.
            if self.store.row(id, self.now_ms)?.copies_printed < copy {
                self.count_copy(id, copy)?;
            } else {
                self.release_copy(id)?;
            }
        }
        Ok(())
    }

    fn claims(&self) -> Result<Claims, CounterError> {
        let kept = self.store.setting(CLAIMS)?;
        kept.map_or(Ok(Claims::new()), |value| {
            serde_json::from_value(value)
                .map_err(|error| CounterError::Internal(format!("{CLAIMS}: {error}")))
        })
    }

    fn set_claims(&mut self, claims: &Claims) -> Result<(), CounterError> {
        let value = serde_json::to_value(claims)
            .map_err(|error| CounterError::Internal(error.to_string()))?;
        Ok(self.store.set_setting(CLAIMS, &value)?)
    }
}
