//! Receipts: preview, print, save, verify.

use pishkhan_domain::ids::ApplicationId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Paper of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// 148 × 210 mm.
    A5,
    /// Thermal roll, 80 mm: 576 dots at 203 dpi.
    Thermal80,
}

/// Request of `receipt_preview`, `receipt_print` and `receipt_save`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReceiptRequest {
    /// Application.
    pub application: ApplicationId,
    /// Paper; that of the settings when absent.
    pub paper: Option<Paper>,
}

/// Reply of `receipt_preview`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReceiptPreview {
    /// `data:image/png;base64,…`
    pub picture: String,
    /// Number that the next print will carry; 2 and more are marked «المثنی».
    pub copy: u32,
}

/// Reply of `letter_preview`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LetterPreview {
    /// `data:image/png;base64,…`
    pub picture: String,
}

/// Reply of `receipt_print`, `receipt_save` and `letter_print`. A printer's failure never moves an application,
/// so it is an answer, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum PrintOutcome {
    /// Handed to the printer, counted as `copy`.
    Printed {
        /// Copy number.
        copy: u32,
    },
    /// Saved as PDF, counted as `copy`.
    Saved {
        /// Copy number.
        copy: u32,
        /// Where.
        path: String,
    },
    /// Not printed; may be tried again.
    Failed {
        /// `printer.unreachable`, `printer.spooler`, `printer.none`, `disk.full`.
        code: String,
        /// For support.
        detail: String,
    },
}

/// Request of `receipt_verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReceiptVerifyRequest {
    /// The scanned address.
    pub url: String,
}

/// Reply of `receipt_verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one exists at a time, while a scan is answered")]
pub enum ReceiptVerdict {
    /// Signature, hash and printed facts hold.
    Genuine {
        /// Office that issued it.
        office_title: String,
        /// Tracking code.
        tracking_code: String,
        /// Service code.
        service: String,
        /// Its title, if this office knows the service.
        service_title: Option<pishkhan_domain::service_card::Bilingual>,
        /// Applicant's name.
        applicant_name: String,
        /// Last four digits of the id.
        last_four: String,
        /// Number of papers.
        documents: u32,
        /// Tariff in rial.
        #[ts(type = "number")]
        fee_rial: i64,
        /// When the device claims it was filed.
        #[ts(type = "number")]
        claimed_at: i64,
        /// Not before this, if the device had ever seen the centre.
        #[ts(type = "number | null")]
        not_before: Option<i64>,
        /// Due day.
        due_on: String,
    },
    /// Something does not hold.
    False {
        /// `receipt.malformed`, `receipt.signature`, `receipt.mismatch`.
        code: String,
    },
}

/// A queue of the system's spooler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SystemPrinter {
    /// Name of the queue.
    pub name: String,
    /// Is it the default?
    pub default: bool,
}
