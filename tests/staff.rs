//! Members of the centre's staff signing in, as each does on the first day.

use tokio::process::Command;

use crate::browser::Browser;
use crate::centre::Centre;

/// Who signs in, with the password that the administrator was shown.
pub(crate) struct Member {
    pub(crate) username: &'static str,
    pub(crate) given: String,
    /// Must he or she show a second factor?
    pub(crate) has_factor: bool,
}

impl Member {
    /// Signs in for the first time: a password of one's own, and what the role asks for beside it.
    pub(crate) async fn signs_in(&self, centre: &Centre, browser: &Browser) -> anyhow::Result<()> {
        browser.go(&centre.url("/console/login")).await?;
        browser.sign_in(self.username, &self.given).await?;
        browser.fill("#again", OWN_PASSWORD).await?;
        browser.fill("#password", OWN_PASSWORD).await?;
        browser.click("form button").await?;
        if self.has_factor {
            second_factor(browser).await?;
            browser.click("a.button").await?;
        }
        browser.find("form[action='/console/logout']").await?;
        Ok(())
    }
}

const OWN_PASSWORD: &str = "four-sample-words-here";

/// Signs whoever is at work out.
pub(crate) async fn sign_out(browser: &Browser) -> anyhow::Result<()> {
    browser.click("form[action='/console/logout'] button").await?;
    browser.find("#username").await?;
    Ok(())
}

/// Sets up what a role asks for beside the password, as a telephone would.
pub(crate) async fn second_factor(browser: &Browser) -> anyhow::Result<()> {
    let letters = browser.find("bdi.letters").await?.text().await?;
    let program = "import base64, hashlib, hmac, struct, sys, time\n\
                   letters = sys.argv[1].replace(' ', '')\n\
                   key = base64.b32decode(letters + '=' * (-len(letters) % 8))\n\
                   step = struct.pack('>Q', int(time.time()) // 30)\n\
                   code = hmac.new(key, step, hashlib.sha1).digest()\n\
                   place = code[-1] & 15\n\
                   number = struct.unpack('>I', code[place:place + 4])[0] & 0x7fffffff\n\
                   print(f'{number % 1000000:06}')";
    let ran = Command::new("/usr/bin/python3").args(["-c", program, &letters]).output().await?;
    let code = String::from_utf8(ran.stdout)?;
    browser.fill("#code", code.trim()).await?;
    browser.click("ol.steps button").await?;
    browser.find("ol.codes").await?;
    Ok(())
}
