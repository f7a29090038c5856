//! A thermal printer on the network: raw bytes, usually to port 9100.

use std::io::Write;
use std::net::{Shutdown, TcpStream, ToSocketAddrs};

use super::{PATIENCE, PrintFailure};

/// Sends the bytes to the first address of the host that answers.
pub(super) fn submit(host: &str, port: u16, bytes: &[u8]) -> Result<(), PrintFailure> {
    let unreachable = |error: std::io::Error| PrintFailure::Unreachable(error.to_string());
    let mut last = PrintFailure::Unreachable(format!("{host} has no address"));
    for address in (host, port).to_socket_addrs().map_err(unreachable)? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                return write(stream, bytes)
                    .map_err(|error| PrintFailure::Interrupted(error.to_string()));
            }
            Err(error) => last = unreachable(error),
        }
    }
    Err(last)
}

fn write(mut stream: TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(bytes)?;
    stream.flush()?;
    stream.shutdown(Shutdown::Write)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use std::io::Read;
    use std::net::TcpListener;

    use pishkhan_ipc::settings::Printer;

    use super::super::raster::tests::{printed, strip};
    use super::super::{Job, Spooler, send};
    use super::*;

    #[test]
    fn a_network_printer_gets_the_picture_dot_for_dot() {
        let paper = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = paper.local_addr().unwrap().port();
        let printer = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            paper.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
            printed(&bytes)
        });
        let strip = strip(576, 900);
        let to = Printer::Network { host: "localhost".to_owned(), port };
        send(&Spooler::default(), &to, &Job::Strip(strip.clone())).unwrap();
        assert_eq!(printer.join().unwrap(), strip);
    }

    #[test]
    fn a_printer_that_is_off_is_told_by_its_code() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let failure = submit("127.0.0.1", port, b"x").unwrap_err();
        assert_eq!((failure.code(), failure.may_have_printed()), ("printer.unreachable", false));
    }

    #[test]
    fn a_printer_that_hangs_up_in_the_middle_may_have_printed() {
        let paper = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = paper.local_addr().unwrap().port();
        let printer = std::thread::spawn(move || {
            let mut some = [0; 100];
            paper.accept().unwrap().0.read_exact(&mut some).unwrap();
        });
        let failure = submit("127.0.0.1", port, &vec![0; 32 * 1024 * 1024]).unwrap_err();
        printer.join().unwrap();
        assert_eq!((failure.code(), failure.may_have_printed()), ("printer.unreachable", true));
    }

    #[test]
    fn a_host_that_does_not_exist_is_told_by_its_code() {
        assert_eq!(
            submit("printer.invalid", 9100, b"x").unwrap_err().code(),
            "printer.unreachable"
        );
    }
}
