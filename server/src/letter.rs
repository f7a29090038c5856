//! What a letter says: an agency's template, filled in from an application.
//!
//! Invariant: a template has only names of [`NAMES`] in braces, which is checked when it is written;
//! what is filled in is never read as a template again, and never as markup.

use pishkhan_domain::applicant::Identity;
use pishkhan_domain::digits::to_persian_digits;
use pishkhan_domain::jalali::{JalaliDate, tehran_date};
use pishkhan_protocol::letter::Letter;

use crate::storage::applications::Application;
use crate::storage::letter_templates::LetterTemplate;

/// Longest title and subject, text of a template, and what an officer may add, in characters: all of
/// it must fit on one page.
pub const LONGEST_TITLE: usize = 80;
/// See [`LONGEST_TITLE`].
pub const LONGEST_SUBJECT: usize = 120;
/// See [`LONGEST_TITLE`].
pub const LONGEST_BODY: usize = 1_500;
/// See [`LONGEST_TITLE`].
pub const LONGEST_ADDITION: usize = 500;
/// Most paragraphs of a template.
pub const MOST_PARAGRAPHS: usize = 15;
/// Most templates of a service.
pub const MOST_TEMPLATES: usize = 12;

/// What can be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Name of the applicant.
    Applicant,
    /// Name of the applicant's father.
    Father,
    /// National or legal id.
    Identity,
    /// Title of the service.
    Service,
    /// Tracking code.
    Code,
    /// Village of the applicant.
    Village,
    /// Title of the office.
    Office,
    /// Day of filing.
    FiledOn,
    /// Day of the letter.
    Today,
}

/// The closed list: what stands between the braces, and what it is.
pub const NAMES: [(&str, Name); 9] = [
    ("نام", Name::Applicant),
    ("نام پدر", Name::Father),
    ("کد ملی", Name::Identity),
    ("خدمت", Name::Service),
    ("کد رهگیری", Name::Code),
    ("روستا", Name::Village),
    ("دفتر", Name::Office),
    ("تاریخ ثبت", Name::FiledOn),
    ("تاریخ", Name::Today),
];

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// A name that is not on the list.
    #[error("no such name: {0}")]
    UnknownName(String),
    /// A brace without its other one.
    #[error("a brace is alone")]
    BraceAlone,
    /// No title, or too long.
    #[error("not a title")]
    Title,
    /// No subject, or too long.
    #[error("not a subject")]
    Subject,
    /// No text, or too long.
    #[error("not a text")]
    Body,
    /// More paragraphs than a page has.
    #[error("too many paragraphs")]
    Paragraphs,
}

/// What is known when a letter is made.
pub struct Facts<'a> {
    /// The application.
    pub application: &'a Application,
    /// Title of its service.
    pub service_title: &'a str,
    /// Title of its office.
    pub office_title: &'a str,
    /// Name of the agency.
    pub agency_title: &'a str,
    /// Address of the public pages.
    pub public_url: &'a str,
    /// Centre's clock.
    pub now: i64,
}

/// Jalali year of the register that a letter of now would be in.
#[must_use]
pub fn register_year(now: i64) -> u16 {
    u16::try_from(JalaliDate::from_civil(tehran_date(now)).year()).unwrap_or_default()
}

/// May this be kept as a template?
///
/// # Errors
/// [`TemplateFault`]: the first.
pub fn check(template: &LetterTemplate) -> Result<(), TemplateFault> {
    let fits = |text: &str, longest: usize| (1..=longest).contains(&text.chars().count());
    if !fits(&template.title, LONGEST_TITLE) {
        return Err(TemplateFault::Title);
    }
    if !fits(&template.subject, LONGEST_SUBJECT) {
        return Err(TemplateFault::Subject);
    }
    if !fits(&template.body, LONGEST_BODY) {
        return Err(TemplateFault::Body);
    }
    if paragraphs(&template.body).count() > MOST_PARAGRAPHS {
        return Err(TemplateFault::Paragraphs);
    }
    parts(&template.subject)?;
    parts(&template.body)?;
    Ok(())
}

/// Fills a template in; `addition` are the officer's own words, which come last.
///
/// # Errors
/// [`TemplateFault`] of a template that was never checked.
pub fn fill(
    template: &LetterTemplate,
    addition: &str,
    facts: &Facts<'_>,
    number: u64,
) -> Result<Letter, TemplateFault> {
    let mut text = Vec::new();
    for paragraph in paragraphs(&template.body) {
        text.push(filled(paragraph, facts)?);
    }
    text.extend(paragraphs(addition).map(str::to_owned));
    let code = facts.application.tracking_code;
    Ok(Letter {
        year: register_year(facts.now),
        number,
        issued_on: tehran_date(facts.now).to_string(),
        agency: facts.agency_title.to_owned(),
        applicant: facts.application.content.applicant.full_name(),
        subject: filled(&template.subject, facts)?,
        paragraphs: text,
        check_at: format!("{}/track?code={code}", facts.public_url.trim_end_matches('/')),
        template: template.template,
        version: template.version,
    })
}

fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn filled(text: &str, facts: &Facts<'_>) -> Result<String, TemplateFault> {
    let mut filled = String::with_capacity(text.len());
    for part in parts(text)? {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Name(name) => filled.push_str(&value(name, facts)),
        }
    }
    Ok(filled)
}

fn value(name: Name, facts: &Facts<'_>) -> String {
    let applicant = &facts.application.content.applicant;
    let day = |at| JalaliDate::from_civil(tehran_date(at)).in_words();
    let or_dash = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
    match name {
        Name::Applicant => applicant.full_name(),
        Name::Father => or_dash(&applicant.father_name),
        Name::Identity => match &applicant.identity {
            Identity::NationalId { national_id } => to_persian_digits(national_id),
            Identity::LegalEntity { legal_entity_id } => to_persian_digits(legal_entity_id),
            Identity::WithoutPapers { .. } => "—".to_owned(),
        },
        Name::Service => facts.service_title.to_owned(),
        // In one piece: groups would stand in the wrong order within a line of Persian.
        Name::Code => to_persian_digits(&facts.application.tracking_code.to_string()),
        Name::Village => or_dash(&applicant.village),
        Name::Office => facts.office_title.to_owned(),
        Name::FiledOn => day(facts.application.filed_at),
        Name::Today => day(facts.now),
    }
}

#[derive(Debug)]
enum Part<'a> {
    Text(&'a str),
    Name(Name),
}

/// The text taken apart.
fn parts(text: &str) -> Result<Vec<Part<'_>>, TemplateFault> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        parts.push(Part::Text(before));
        let inside = from.strip_prefix('{').ok_or(TemplateFault::BraceAlone)?;
        let end = inside.find(['{', '}', '\n']).ok_or(TemplateFault::BraceAlone)?;
        let (name, after) = inside.split_at(end);
        rest = after.strip_prefix('}').ok_or(TemplateFault::BraceAlone)?;
        let known = NAMES.iter().find(|(known, _)| *known == name.trim());
        let (_, name) = known.ok_or_else(|| TemplateFault::UnknownName(name.trim().to_owned()))?;
        parts.push(Part::Name(*name));
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn template(subject: &str, body: &str) -> LetterTemplate {
        LetterTemplate {
            template: 1,
            version: 1,
            title: "گواهی".to_owned(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            withdrawn: false,
        }
    }

    #[test]
    fn a_template_has_only_names_of_the_list() {
        for (name, _) in NAMES {
            assert_eq!(check(&template("گواهی", &format!("{{{name}}} و {{ {name} }}"))), Ok(()));
        }
        let fault = |body: &str| check(&template("گواهی", body)).unwrap_err();
        let unknown = |name: &str| TemplateFault::UnknownName(name.to_owned());
        assert_eq!(fault("به {نام مادر}"), unknown("نام مادر"));
        assert_eq!(fault("به {}"), unknown(""));
        assert_eq!(check(&template("{حقوق}", "متن")), Err(unknown("حقوق")));
        for alone in ["به {نام", "به نام}", "{نام {خدمت}}", "{نام\n}"] {
            assert_eq!(fault(alone), TemplateFault::BraceAlone, "{alone}");
        }
    }

    #[test]
    fn a_template_fits_on_a_page() {
        let fault = |template: &LetterTemplate| check(template).unwrap_err();
        assert_eq!(fault(&template("", "متن")), TemplateFault::Subject);
        assert_eq!(fault(&template(&"ب".repeat(121), "متن")), TemplateFault::Subject);
        assert_eq!(fault(&template("گواهی", "")), TemplateFault::Body);
        assert_eq!(fault(&template("گواهی", &"ب".repeat(1_501))), TemplateFault::Body);
        assert_eq!(fault(&template("گواهی", &"ب\n".repeat(16))), TemplateFault::Paragraphs);
        let untitled = LetterTemplate { title: String::new(), ..template("گواهی", "متن") };
        assert_eq!(fault(&untitled), TemplateFault::Title);
    }
}
