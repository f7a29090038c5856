//! What a receipt says. Everything is given: nothing here looks anything up.

use pishkhan_domain::tracking_code::TrackingCode;

/// Paper of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// 148 × 210 mm, portrait.
    A5,
    /// Thermal roll of 80 mm: 576 dots across at 8 dots to the millimetre.
    Thermal80,
}

/// How a paper was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// A copy was taken.
    Copy,
    /// The original was seen and given back.
    Seen,
}

/// A paper that the citizen brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptDocument {
    /// Its name in Persian.
    pub title: String,
    /// How it was handed over.
    pub handed: Handed,
}

/// Everything that a receipt prints. Texts are Persian; digits of any kind are printed as Persian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptContent {
    /// Name of the office.
    pub office_title: String,
    /// Its district and county; may be empty.
    pub district_title: String,
    /// Who recorded it.
    pub operator_name: String,
    /// کد رهگیری.
    pub tracking_code: TrackingCode,
    /// Title of the service.
    pub service_title: String,
    /// Name of the agency that decides.
    pub agency_title: String,
    /// Full name of the applicant.
    pub applicant_name: String,
    /// National id, legal id or mobile, masked or not: only its last four digits are printed.
    /// Empty for an applicant without any.
    pub applicant_code_masked: String,
    /// Papers handed over.
    pub documents: Vec<ReceiptDocument>,
    /// Names of the papers that are still to come.
    pub documents_missing: Vec<String>,
    /// Tariff in rial; 0 is printed as free of charge.
    pub fee_rial: i64,
    /// What the tariff covers; may be empty.
    pub fee_note: String,
    /// When it was filed, milliseconds since 1970-01-01T00:00:00Z.
    pub recorded_at_ms: i64,
    /// Day on which the answer is due, ISO 8601 Gregorian (`2026-12-15`).
    pub due_on: String,
    /// Legal deadline from which the due day was counted; 0 is not printed.
    pub deadline_working_days: u16,
    /// Does the service card hold assumptions? Marked «نمونه».
    pub sample: bool,
    /// Address of the public pages, without a slash at its end.
    pub public_url: String,
    /// Address with the proof in its fragment, as in
    /// [`pishkhan_protocol::receipt_proof::ReceiptProof::to_url`].
    pub proof_url: String,
    /// 1 is the original; 2 and more are marked «المثنی».
    pub copy: u32,
    /// Is this PC's clock not yet measured against the centre's? Then the paper says so.
    pub time_not_confirmed: bool,
}
