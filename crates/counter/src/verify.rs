//! Verifying a scanned receipt with nothing but the centre's public key.

use pishkhan_domain::ids::ServiceCode;
use pishkhan_domain::service_card::Bilingual;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::receipt::{ReceiptVerdict, ReceiptVerifyRequest};
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::keys::PublicKey;
use pishkhan_protocol::receipt_proof::{ReceiptProof, VerifiedReceipt};

use crate::counter::Counter;

impl Counter {
    /// `receipt_verify`, with the pinned key of the centre.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn receipt_verify(
        &self,
        request: &ReceiptVerifyRequest,
    ) -> Result<ReceiptVerdict, IpcError> {
        self.at_desk(|desk| {
            let mut verdict = verify_receipt(&request.url, &desk.store.identity().centre_key);
            if let ReceiptVerdict::Genuine { service, service_title, .. } = &mut verdict {
                let card = desk.store.newest_card(&ServiceCode(service.clone()))?;
                *service_title = card.map(|published| published.card.title);
            }
            Ok(verdict)
        })
    }
}

/// What a scanned address, or its fragment alone, proves. Needs no store and no line.
#[must_use]
pub fn verify_receipt(url: &str, centre_key: &PublicKey) -> ReceiptVerdict {
    let verified = ReceiptProof::from_url(url).and_then(|proof| proof.verify(centre_key));
    match verified {
        Ok(receipt) => genuine(receipt, None),
        Err(error) => ReceiptVerdict::False { code: verdict_code(&error).to_owned() },
    }
}

fn genuine(receipt: VerifiedReceipt, service_title: Option<Bilingual>) -> ReceiptVerdict {
    let VerifiedReceipt { core, summary, device, .. } = receipt;
    // The code is part of the signed core, so one that does not check is a fault of the signer.
    let code = core.tracking_code.and_then(|code| TrackingCode::from_u64(code).ok());
    let Some(code) = code else {
        return ReceiptVerdict::False { code: "receipt.mismatch".to_owned() };
    };
    ReceiptVerdict::Genuine {
        office_title: device.office_title,
        tracking_code: code.to_string(),
        service: summary.service.0,
        service_title,
        applicant_name: summary.applicant_name,
        last_four: summary.last_four,
        documents: summary.documents,
        fee_rial: summary.fee_rial,
        claimed_at: core.device_time_ms,
        not_before: core.anchor.map(|anchor| anchor.at_ms),
        due_on: summary.due_on,
    }
}

fn verdict_code(error: &ProtocolError) -> &'static str {
    match error {
        ProtocolError::BadSignature { .. } => "receipt.signature",
        ProtocolError::Mismatch { .. } => "receipt.mismatch",
        ProtocolError::Malformed { .. } | ProtocolError::Unknown { .. } => "receipt.malformed",
    }
}
