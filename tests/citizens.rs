//! Sample citizens and what they come for. Ids are well-formed and nobody's; names say «نمونه».

use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};

/// One thing that an operator does on the page where an application is recorded.
pub(crate) enum Act {
    /// Marks a radio or a box.
    Mark(&'static str),
    Fill(&'static str, &'static str),
    Choose(&'static str, &'static str),
    /// Gives a scan to a file input.
    Scan(&'static str),
}

use Act::{Choose, Fill, Mark, Scan};

/// An application as it is typed.
pub(crate) struct Visit {
    pub(crate) service: &'static str,
    /// A word by which the operator looks for the service.
    pub(crate) word: &'static str,
    /// Last digits that the citizen knows, for the tracking page.
    pub(crate) last_four: &'static str,
    /// The name as the receipt prints it.
    pub(crate) name: &'static str,
    pub(crate) who: &'static [Act],
    pub(crate) what: &'static [Act],
}

/// A birth.
pub(crate) const BIRTH: Visit = Visit {
    service: "birth-registration",
    word: "ولادت",
    last_four: "9645",
    name: "مریم نمونه‌زاده",
    who: &[
        Fill("applicant.national_id", "۰۰۷۶۲۲۹۶۴۵"),
        Fill("applicant.first_name", "مریم"),
        Fill("applicant.last_name", "نمونه‌زاده"),
        Fill("applicant.father_name", "علی"),
        Fill("applicant.birth_date", "۱۳۷۰/۵/۱۲"),
        Mark("applicant.gender.female"),
        Fill("applicant.mobile", "۰۹۱۵۱۲۳۴۵۶۷"),
        Fill("applicant.village", "روستای نمونه"),
    ],
    what: &[
        Fill("form.child_name", "نیلوفر"),
        Choose("form.child_gender", "girl"),
        Fill("form.child_birth_date", "۱۴۰۵/۸/۲۵"),
        Fill("form.birth_place", "خانهٔ بهداشت روستای نمونه"),
        Mark("form.has_birth_certificate.true"),
        Fill("form.birth_cert_no", "۱۲۳۴۵"),
        Mark("form.late_registration.false"),
        Mark("form.marriage_registered.true"),
        Mark("form.father_known.true"),
        Fill("form.father_nid", "۱۵۸۳۲۵۰۶۸۹"),
        Fill("form.mother_nid", "۰۰۷۶۲۲۹۶۴۵"),
        Choose("form.informant", "father"),
        Scan("documents.birth-certificate"),
        Mark("documents.father-booklet.seen"),
        Mark("documents.mother-booklet.seen"),
        Mark("documents.marriage-deed.seen"),
        Mark("consent"),
    ],
};

/// Somebody whom no register knows.
pub(crate) const WITHOUT_PAPERS: Visit = Visit {
    service: "identity-without-papers",
    word: "فاقد شناسنامه",
    last_four: "4568",
    name: "گل‌بی‌بی نمونه",
    who: &[
        Mark("applicant.kind.without_papers"),
        Fill("applicant.first_name", "گل‌بی‌بی"),
        Fill("applicant.last_name", "نمونه"),
        Mark("applicant.gender.female"),
        Fill("applicant.mobile", "09151234568"),
        Fill("applicant.village", "روستای نمونه"),
        Fill("applicant.witnesses.0.name", "رحیم نمونه"),
        Fill("applicant.witnesses.0.national_id", "1583250689"),
        Fill("applicant.witnesses.1.name", "کریم نمونه"),
        Fill("applicant.witnesses.1.national_id", "0200203241"),
    ],
    what: &[
        Fill("form.claimed_name", "گل‌بی‌بی نمونه"),
        Fill("form.birth_year_est", "۱۳۶۵"),
        Mark("form.is_minor.false"),
        Mark("form.has_relatives.false"),
        Fill("form.residence_years", "۲۰"),
        Choose("form.evidence_kind", "none"),
        Scan("documents.witness-report"),
        Scan("documents.council-letter"),
        Scan("documents.photo"),
        Mark("consent"),
    ],
};

/// A house without electricity.
pub(crate) const ELECTRICITY: Visit = Visit {
    service: "electricity-connection",
    word: "برق",
    last_four: "9828",
    // The receipt keeps the spelling that was typed.
    name: "يوسف نمونه",
    who: &[
        Fill("applicant.national_id", "0067749828"),
        // As an Arabic keyboard types it.
        Fill("applicant.first_name", "يوسف"),
        Fill("applicant.last_name", "نمونه"),
        Fill("applicant.father_name", "كريم"),
        Fill("applicant.birth_date", "1362/11/03"),
        Mark("applicant.gender.male"),
        Fill("applicant.mobile", "٠٩١٥١٢٣٤٥٦٩"),
        Fill("applicant.village", "روستای نمونه"),
    ],
    what: &[
        Choose("form.usage", "domestic"),
        Choose("form.amperage", "single_25"),
        Fill("form.area_m2", "۸۵"),
        Mark("documents.id-card.seen"),
        Mark("documents.id-booklet.seen"),
        Scan("documents.request-form"),
        Scan("documents.ownership"),
        Mark("consent"),
    ],
};

/// A picture such as a telephone takes of a paper: large, and like no other.
pub(crate) fn scan(dir: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let seed = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    let picture = RgbImage::from_fn(1240, 1754, |x, y| {
        let line = (y / 40) % 3 == 0 && (x + seed % 97) % 60 < 44 && y % 40 > 22;
        let shade = if line { 60 } else { 235 + ((x * y + seed) % 13) as u8 };
        Rgb([shade, shade, shade.saturating_sub(8)])
    });
    let file = dir.join(format!("{name}.jpg"));
    picture.save(&file)?;
    Ok(file)
}
