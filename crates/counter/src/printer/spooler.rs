//! The system's spooler (CUPS): jobs go to `lp` on its standard input, queues come from `lpstat`.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pishkhan_ipc::receipt::SystemPrinter;

use super::{PATIENCE, PrintFailure};

/// The spooler's two programs.
#[derive(Clone, Debug)]
pub struct Spooler {
    /// Takes jobs.
    pub lp: PathBuf,
    /// Tells the queues.
    pub lpstat: PathBuf,
    /// How long either may take.
    pub patience: Duration,
}

impl Default for Spooler {
    fn default() -> Self {
        Self { lp: "lp".into(), lpstat: "lpstat".into(), patience: PATIENCE }
    }
}

impl Spooler {
    /// The queues; empty where there is no spooler.
    #[must_use]
    pub fn queues(&self) -> Vec<SystemPrinter> {
        let ask = |option: &str| {
            let mut lpstat = Command::new(&self.lpstat);
            lpstat.arg(option).env("LC_ALL", "C");
            self.run(lpstat, Vec::new()).unwrap_or_default()
        };
        // "system default destination: NAME"
        let default = ask("-d").rsplit_once(": ").map(|(_, name)| name.trim().to_owned());
        ask("-e")
            .lines()
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| SystemPrinter {
                name: name.to_owned(),
                default: default.as_deref() == Some(name),
            })
            .collect()
    }

    /// Hands bytes to a queue; `raw` for commands of the printer's own language. Paper size and
    /// scaling stay the queue's own: many offices load A4 and tear it.
    pub(super) fn submit(&self, queue: &str, job: &[u8], raw: bool) -> Result<(), PrintFailure> {
        let mut lp = Command::new(&self.lp);
        // The title shows in the system's list of jobs: no name, no code.
        lp.args(["-d", queue, "-t", "Pishkhan"]).env("LC_ALL", "C");
        if raw {
            lp.args(["-o", "raw"]);
        }
        self.run(lp, job.to_vec()).map(|_| ())
    }

    /// Runs a program to its end or kills it; gives what it said.
    fn run(&self, mut command: Command, input: Vec<u8>) -> Result<String, PrintFailure> {
        let refused = |error: &dyn std::fmt::Display| PrintFailure::Spooler(error.to_string());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| refused(&error))?;
        let (done, ended) = mpsc::channel();
        let stdin = child.stdin.take();
        // A program that ends before it has read everything says why on its standard error.
        thread::spawn(move || stdin.map(|mut pipe| pipe.write_all(&input)));
        let said = [pipe_text(child.stdout.take()), pipe_text(child.stderr.take())];
        thread::spawn(move || done.send(said.map(|text| text.join().unwrap_or_default())));
        match ended.recv_timeout(self.patience) {
            Ok([said, complaint]) => match child.wait() {
                Ok(status) if status.success() => Ok(said),
                Ok(status) => Err(refused(&format_args!("{status}: {}", complaint.trim()))),
                Err(error) => Err(refused(&error)),
            },
            Err(_) => {
                stop(child);
                Err(PrintFailure::SpoolerSilent)
            }
        }
    }
}

fn stop(mut child: Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        tracing::warn!(%error, "a print program could not be ended");
    }
}

fn pipe_text(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth telling.
            let _ = pipe.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    })
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use pishkhan_ipc::settings::Printer;

    use super::super::raster::tests::{printed, strip};
    use super::super::{Job, send};
    use super::*;

    fn spooler(dir: &Path, lp: &str, lpstat: &str) -> Spooler {
        for (name, script) in [("lp", lp), ("lpstat", lpstat)] {
            let path = dir.join(name);
            fs::write(&path, format!("#!/bin/sh\ncd '{}'\n{script}\n", dir.display())).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Spooler { lp: dir.join("lp"), lpstat: dir.join("lpstat"), patience: PATIENCE }
    }

    #[test]
    fn the_spooler_gets_the_page_and_the_queue() {
        let dir = tempfile::tempdir().unwrap();
        let spooler = spooler(dir.path(), "printf '%s\\n' \"$@\" >args; cat >job", "");
        // More than a pipe holds at once.
        let page = vec![b'%'; 300_000];
        let queue = Printer::System { name: "Office $(reboot)".to_owned() };
        send(&spooler, &queue, &Job::Page(page.clone())).unwrap();
        assert_eq!(fs::read(dir.path().join("job")).unwrap(), page);
        let args = fs::read_to_string(dir.path().join("args")).unwrap();
        assert_eq!(args, "-d\nOffice $(reboot)\n-t\nPishkhan\n");
    }

    #[test]
    fn a_strip_goes_raw_to_a_queue_dot_for_dot() {
        let dir = tempfile::tempdir().unwrap();
        let spooler = spooler(dir.path(), "printf '%s ' \"$@\" >args; cat >job", "");
        let strip = strip(576, 500);
        let queue = Printer::System { name: "Thermal".to_owned() };
        send(&spooler, &queue, &Job::Strip(strip.clone())).unwrap();
        assert_eq!(printed(&fs::read(dir.path().join("job")).unwrap()), strip);
        assert!(fs::read_to_string(dir.path().join("args")).unwrap().ends_with("-o raw "));
    }

    #[test]
    fn a_refusal_is_told_with_the_spoolers_own_words() {
        let dir = tempfile::tempdir().unwrap();
        let spooler = spooler(dir.path(), "echo 'lp: unknown destination' >&2; exit 1", "");
        let failure = spooler.submit("Nowhere", &[0; 300_000], false).unwrap_err();
        assert_eq!(failure.code(), "printer.spooler");
        assert!(failure.to_string().contains("unknown destination"), "{failure}");
    }

    #[test]
    fn a_spooler_that_hangs_is_ended() {
        let dir = tempfile::tempdir().unwrap();
        let mut spooler = spooler(dir.path(), "exec sleep 600", "");
        spooler.patience = Duration::from_millis(50);
        let failure = spooler.submit("Office", b"x", false).unwrap_err();
        assert_eq!((failure.code(), failure.may_have_printed()), ("printer.spooler", true));
    }

    #[test]
    fn a_system_without_a_spooler_has_no_queues_and_says_so() {
        let nowhere = Spooler {
            lp: "/nowhere/lp".into(),
            lpstat: "/nowhere/lpstat".into(),
            ..Spooler::default()
        };
        assert!(nowhere.queues().is_empty());
        assert_eq!(nowhere.submit("Office", b"x", false).unwrap_err().code(), "printer.spooler");
    }

    #[test]
    fn queues_are_listed_with_the_default_marked() {
        let dir = tempfile::tempdir().unwrap();
        let lpstat = "case $1 in -e) printf 'Office\\nThermal\\n';; \
                      -d) echo 'system default destination: Thermal';; esac";
        let queues = spooler(dir.path(), "", lpstat).queues();
        let told: Vec<_> =
            queues.iter().map(|queue| (queue.name.as_str(), queue.default)).collect();
        assert_eq!(told, [("Office", false), ("Thermal", true)]);
    }
}
