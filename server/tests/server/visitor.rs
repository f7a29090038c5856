//! Somebody before a browser: cookies are kept, and a form carries the token of the page it stood on.

use std::collections::BTreeMap;

use reqwest::{RequestBuilder, StatusCode};

use crate::fixture::{Served, TestCentre, open_session};

pub(crate) struct Visitor {
    pub(crate) served: Served,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Token of the forms on the last page that had any.
    pub(crate) csrf: String,
}

/// A page that was opened.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    /// Where it sends the browser, or nothing.
    pub(crate) to: String,
    pub(crate) text: String,
}

impl Page {
    /// What stands between two marks, the first time.
    pub(crate) fn between(&self, before: &str, after: &str) -> &str {
        let from = self.text.find(before).unwrap_or_else(|| panic!("{before} in {}", self.text));
        let rest = &self.text[from + before.len()..];
        &rest[..rest.find(after).unwrap()]
    }

    pub(crate) fn has(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}

impl Visitor {
    pub(crate) async fn new(centre: &TestCentre) -> Self {
        let (cookies, csrf) = (BTreeMap::new(), String::new());
        Self { served: centre.serve().await, cookies, csrf }
    }

    /// Past the sign-in.
    pub(crate) async fn signed_in(centre: &TestCentre, username: &str) -> Self {
        let mut visitor = Self::new(centre).await;
        let cookie = open_session(centre, username).await;
        let (name, value) = cookie.split_once('=').unwrap();
        visitor.cookies.insert(name.to_owned(), value.to_owned());
        visitor.csrf = "sample-csrf".to_owned();
        visitor
    }

    pub(crate) async fn open(&mut self, path: &str) -> Page {
        let request = self.served.get(path);
        self.ask(request).await
    }

    /// Sends a form of the last page.
    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let csrf = self.csrf.clone();
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        let request = self.served.post(path, &fields);
        self.ask(request).await
    }

    pub(crate) async fn ask(&mut self, request: RequestBuilder) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("cookie", cookies.join("; "));
        let answer = request.header("user-agent", "Chrome/140 Windows").send().await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let status = answer.status();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let (to, text) = (to.unwrap_or_default(), answer.text().await.unwrap());
        let page = Page { status, to, text };
        if page.has("name=\"csrf\" value=\"") {
            self.csrf = page.between("name=\"csrf\" value=\"", "\"").to_owned();
        }
        page
    }
}

/// Makes a test of each story for each store.
macro_rules! on_each_store {
    ($($story:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($crate::fixture::TestCentre::start($crate::fixture::Store::Embedded).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story($crate::fixture::TestCentre::start($crate::fixture::Store::Postgres).await).await;
            })*
        }
    };
}

pub(crate) use on_each_store;
