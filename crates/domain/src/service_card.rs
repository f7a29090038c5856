//! The service card (شناسنامه خدمت): a government service as data.
//!
//! A card is one JSON file of `catalogue/services/`; its version is the hash of the bytes that the
//! centre published. An application keeps the version it was filed under.

mod lint;

use serde::{Deserialize, Serialize};

use crate::ids::{AgencyCode, ServiceCode};

/// A text in Persian and English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Persian.
    pub fa: String,
    /// English.
    pub en: String,
}

/// The agency that decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Stable code.
    pub code: AgencyCode,
    /// Its name.
    pub title: Bilingual,
}

/// A service card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ServiceCard {
    /// Stable code, equal to the file's name.
    pub code: ServiceCode,
    /// Number in the national register of services, where it is known.
    pub official_id: Option<String>,
    /// Official title.
    pub title: Bilingual,
    /// Words by which people ask for it; searched in the picker.
    pub everyday_names: Vec<String>,
    /// Who decides.
    pub agency: Agency,
    /// Law or regulation, where it is known.
    pub legal_basis: Option<Bilingual>,
    /// Who may apply.
    pub audience: Bilingual,
    /// Who may apply, as rules: may a person without papers, may a legal entity.
    pub accepts: AcceptedApplicants,
    /// Papers to bring.
    pub documents: Vec<DocumentRequirement>,
    /// Questions of the form beyond the applicant's own particulars.
    pub fields: Vec<Field>,
    /// Government tariff.
    pub fee: Fee,
    /// Legal deadline at the agency, in working days, counted from the day of filing.
    pub deadline_working_days: u16,
    /// Visits in person that the old way needed.
    pub visits_before: u8,
    /// Reasons for which the law allows a refusal.
    pub refusal_reasons: Vec<Reason>,
    /// Members of this card that are assumptions, as JSON pointers (`/fee`); shown as "sample".
    pub assumptions: Vec<String>,
    /// Where the rest was taken from (public pages).
    pub sources: Vec<String>,
}

/// Which kinds of applicant a service takes besides a person with a national id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct AcceptedApplicants {
    /// A person without papers, under a provisional key and with witnesses.
    pub without_papers: bool,
    /// A company, cooperative or village council.
    pub legal_entity: bool,
}

/// A paper that the service asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct DocumentRequirement {
    /// Stable code within the card.
    pub code: String,
    /// Name of the paper.
    pub title: Bilingual,
    /// Must it be there for the application to be recorded? Otherwise it may follow.
    pub required: bool,
    /// Is it enough that the operator has seen the original, or is a copy needed?
    pub copy_needed: bool,
    /// Asked for only when this holds.
    #[serde(default)]
    pub when: Option<Condition>,
}

/// A condition on the form: `field` equals one of `any_of`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// A field of the same form, or `applicant.gender`, `applicant.without_papers`.
    pub field: String,
    /// Values, as text; a yes-no field has `true` and `false`.
    pub any_of: Vec<String>,
}

/// A question of the form. Unknown members are refused by the schema of the catalogue: serde can
/// not refuse them here, since the kind is flattened in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Field {
    /// Key in the form, `snake_case`.
    pub key: String,
    /// The question.
    pub label: Bilingual,
    /// What to write, or where to find it.
    #[serde(default)]
    pub help: Option<Bilingual>,
    /// Must it be answered (when its condition holds)?
    pub required: bool,
    /// Asked only when this holds.
    #[serde(default)]
    pub when: Option<Condition>,
    /// The program works the answer out, and nobody types it; only of a whole number or an amount.
    /// A program that is older than this member passes it over and asks the question, so that a
    /// card with it can be published while offices of both kinds are at work: either files a number
    /// of this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub computed: Option<Computed>,
    /// Kind of answer and its rules.
    #[serde(flatten)]
    pub kind: FieldKind,
}

/// How an answer is worked out from those above it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Computed {
    /// How many rows of a repeated group are filled, and so many more (the applicant).
    Count {
        /// Key of the group.
        group: String,
        /// Added to the rows.
        #[serde(default)]
        plus: u8,
    },
    /// What the rows of a repeated group have together.
    Sum {
        /// Key of the group.
        group: String,
        /// Key of a whole number or an amount in its rows.
        field: String,
    },
    /// Full years from a date to the day of filing.
    Years {
        /// Key of the date, or `applicant.birth_date`.
        since: String,
    },
}

/// The kind of an answer, with its rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldKind {
    /// Free text, at most `max_length` characters (never more than 4 000).
    Text {
        /// Characters.
        max_length: u16,
        /// Several lines?
        #[serde(default)]
        multiline: bool,
    },
    /// A whole number.
    Integer {
        /// Smallest allowed.
        min: i32,
        /// Largest allowed.
        max: i32,
        /// Unit shown behind the number.
        #[serde(default)]
        unit: Option<Bilingual>,
    },
    /// A decimal number, kept as text: no floats.
    Decimal {
        /// Smallest allowed, whole.
        min: i32,
        /// Largest allowed, whole.
        max: i32,
        /// Digits behind the point, at most.
        decimals: u8,
        /// Unit shown behind the number.
        #[serde(default)]
        unit: Option<Bilingual>,
    },
    /// An amount in rial, whole.
    Money {
        /// Largest allowed, in rial.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        max_rial: i64,
    },
    /// A date, entered as Jalali, kept as ISO 8601 Gregorian.
    Date {
        /// Must not lie after the day of filing.
        #[serde(default)]
        not_future: bool,
    },
    /// One of several.
    Choice {
        /// The choices in order.
        options: Vec<ChoiceOption>,
    },
    /// Yes or no.
    Flag,
    /// National id of a natural person (کد ملی).
    NationalId,
    /// Legal entity id (شناسه ملی).
    LegalEntityId,
    /// Mobile number.
    Mobile,
    /// Any telephone number.
    Telephone,
    /// Postcode of ten digits.
    Postcode,
    /// Sheba (IBAN of Iran).
    Iban,
    /// A point: latitude, longitude in decimal degrees (WGS 84), typed as `29.4963, 60.8629`.
    Point,
    /// A group of fields that is repeated, for instance witnesses.
    Repeat {
        /// Fewest rows.
        min: u8,
        /// Most rows.
        max: u8,
        /// The fields of one row; they do not repeat again.
        fields: Vec<Field>,
    },
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// Value that is kept.
    pub value: String,
    /// Text that is shown.
    pub label: Bilingual,
}

/// What a service costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Tariff in rial; 0 for a free service.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub rial: i64,
    /// What it covers, or what comes later.
    #[serde(default)]
    pub note: Option<Bilingual>,
}

/// A reason that an officer may give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Stable code within the card.
    pub code: String,
    /// The sentence that the citizen reads.
    pub title: Bilingual,
}
