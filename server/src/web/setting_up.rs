//! The page on which a second factor is set up: square code, the same in letters, and a field for
//! the first code of the app.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::page::{PageError, page};
use super::qr;
use super::session::Frame;
use crate::centre::Centre;
use crate::sign_in::SignInError;
use crate::totp;

/// What it shows.
pub(super) struct SettingUp {
    picture: String,
    letters: String,
    csrf: String,
    message: Option<&'static str>,
}

impl SettingUp {
    /// For a member and a sealed secret.
    pub(super) async fn of(
        centre: &Centre,
        username: &str,
        sealed: &[u8],
        csrf: &str,
        message: Option<&'static str>,
    ) -> Result<Self, PageError> {
        let secret = centre.factor_key.open(username, sealed).await.map_err(SignInError::from)?;
        let picture =
            qr::svg(&totp::address(&secret, username), "کد مربعی برای برنامهٔ رمز یک‌بارمصرف");
        Ok(Self {
            picture: picture.unwrap_or_default(),
            letters: totp::readable(&secret),
            csrf: csrf.to_owned(),
            message,
        })
    }

    /// While signing in.
    pub(super) fn at_sign_in(self, status: StatusCode) -> Response {
        page(status, &AtSignIn { form: self })
    }

    /// For whoever is signed in.
    pub(super) fn in_account(self, status: StatusCode, frame: Frame) -> Response {
        page(status, &InAccount { frame, form: self })
    }
}

#[derive(Template)]
#[template(path = "sign_in/set_up.html")]
struct AtSignIn {
    form: SettingUp,
}

#[derive(Template)]
#[template(path = "account/factor.html")]
struct InAccount {
    frame: Frame,
    form: SettingUp,
}
