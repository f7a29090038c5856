//! To whom something may be said in clear.

use std::net::IpAddr;

/// Is this host, as it stands in an address, the machine itself? To no other goes anything in
/// clear that is not sealed.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
