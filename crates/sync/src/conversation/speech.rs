//! In which form the next request is said. Invariant: each form is left after what it was refused
//! with, so that no refusal is asked for twice without something else between; the full form is
//! always understood by a centre that serves this program's protocol or the one before.

use pishkhan_protocol::dictionary;
use pishkhan_protocol::exchange::Verdict;

/// Refusals of the short form in a row, after which it is not tried again.
const SHORT_REFUSED_MOST: u32 = 2;

/// Form of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Of protocol 2, under the key of the session.
    Short,
    /// Signed, with everything said.
    Full,
}

/// What is known of what the centre understands. Kept for a run of the program: the next one
/// tries everything again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speech {
    /// Codec 1 and no dictionary: a centre of protocol 1.
    plain: bool,
    /// The next one is in the full form.
    full_next: bool,
    short_refused: u32,
    certificate: bool,
    dictionary: u16,
}

impl Default for Speech {
    fn default() -> Self {
        let dictionary = dictionary::NEWEST;
        Self { plain: false, full_next: false, short_refused: 0, certificate: false, dictionary }
    }
}

impl Speech {
    /// Form of the next request.
    #[must_use]
    pub fn form(&self) -> Form {
        let short = !self.plain && !self.full_next && self.short_refused < SHORT_REFUSED_MOST;
        if short { Form::Short } else { Form::Full }
    }

    /// The same, but in the full form.
    #[must_use]
    pub fn in_full(self) -> Self {
        Self { full_next: true, ..self }
    }

    /// By rows, for a centre of protocol 1?
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Dictionary of requests.
    #[must_use]
    pub fn dictionary(&self) -> u16 {
        if self.plain { dictionary::NONE } else { self.dictionary }
    }

    /// Is the device's certificate to be shown?
    #[must_use]
    pub fn shows_certificate(&self) -> bool {
        self.certificate
    }

    /// Somebody answered a request with another status than 200: true if the same should be said
    /// at once in another form. Such a status is signed by nobody: it changes how we speak, and
    /// nothing else.
    pub fn refused(&mut self, form: Form, status: u16) -> bool {
        match (form, status) {
            (Form::Short, status) => {
                self.full_next = true;
                let ordinary = matches!(status, 429 | 500..);
                self.short_refused += u32::from(!ordinary);
                self.certificate |= status == 403;
                status == 412
            }
            (Form::Full, 400) if !self.plain => {
                self.plain = true;
                true
            }
            // Once at once; a gate that refuses everybody is not asked twice each time.
            (Form::Full, 403) => !std::mem::replace(&mut self.certificate, true),
            (Form::Full, _) => false,
        }
    }

    /// A reply in the short form that does not hold: what is out of order has its word in the full
    /// form. True, since it is to be said at once.
    pub fn not_believed(&mut self) -> bool {
        self.full_next = true;
        self.short_refused += 1;
        true
    }

    /// A reply that is believed: true if the same should be said at once in another form.
    pub fn understood(&mut self, form: Form, verdict: Verdict, told: Option<u16>) -> bool {
        // Entries by column that do not give the signed head may be a fault of the codec: they are
        // said once by rows before the log is called damaged.
        if matches!(verdict, Verdict::Unsupported | Verdict::BadChain) && !self.plain {
            self.plain = true;
            return true;
        }
        self.full_next = false;
        self.certificate = false;
        match form {
            Form::Short => self.short_refused = 0,
            Form::Full => {
                self.dictionary = dictionary::NEWEST.min(told.unwrap_or(dictionary::NONE));
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(speech: &mut Speech, verdict: Verdict) -> bool {
        let form = speech.form();
        speech.understood(form, verdict, Some(dictionary::NEWEST))
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_said_once_in_the_full_form() {
        let mut speech = Speech::default();
        assert_eq!(speech.form(), Form::Short);
        assert!(speech.refused(Form::Short, 412));
        assert_eq!(speech.form(), Form::Full);
        assert!(!speech.refused(Form::Full, 412), "and not for ever");
        assert!(!said(&mut speech, Verdict::Ok));
        assert_eq!(speech.form(), Form::Short);
    }

    #[test]
    fn a_centre_that_never_takes_the_short_form_is_not_asked_every_time() {
        let mut speech = Speech::default();
        let mut refusals = 0;
        for _ in 0..20 {
            if speech.form() == Form::Short {
                refusals += 1;
                speech.refused(Form::Short, 404);
            }
            said(&mut speech, Verdict::Ok);
        }
        assert_eq!(refusals, 2);
    }

    #[test]
    fn a_busy_centre_is_no_reason_to_give_up_the_short_form() {
        let mut speech = Speech::default();
        for _ in 0..20 {
            assert!(!speech.refused(Form::Short, 503));
            assert_eq!(speech.form(), Form::Full);
            said(&mut speech, Verdict::Ok);
        }
        assert_eq!(speech.form(), Form::Short);
    }

    #[test]
    fn a_centre_of_protocol_1_is_spoken_to_plainly_for_the_rest_of_the_run() {
        for by_status in [true, false] {
            let mut speech = Speech { full_next: true, ..Speech::default() };
            if by_status {
                assert!(speech.refused(Form::Full, 400));
                assert!(!speech.refused(Form::Full, 400), "but not in a circle");
            } else {
                assert!(speech.understood(Form::Full, Verdict::Unsupported, None));
                assert!(!speech.understood(Form::Full, Verdict::Unsupported, None));
            }
            said(&mut speech, Verdict::Ok);
            assert!(speech.is_plain());
            assert_eq!((speech.form(), speech.dictionary()), (Form::Full, dictionary::NONE));
        }
    }

    #[test]
    fn entries_that_do_not_give_the_head_are_said_once_by_rows_before_the_log_is_called_damaged() {
        let mut speech = Speech::default().in_full();
        assert!(said(&mut speech, Verdict::BadChain));
        assert!(speech.is_plain());
        assert!(!said(&mut speech, Verdict::BadChain), "by rows too: the log is damaged");
        assert!(!said(&mut speech, Verdict::Ok));
    }

    #[test]
    fn a_centre_that_does_not_know_the_device_is_shown_its_certificate_until_it_does() {
        let mut speech = Speech::default();
        assert!(speech.refused(Form::Full, 403));
        assert!(speech.shows_certificate());
        assert!(!speech.refused(Form::Full, 403), "and not for ever");
        assert!(speech.shows_certificate());
        said(&mut speech, Verdict::Ok);
        assert!(!speech.shows_certificate());
    }
}
