//! Who may go where: the one table of every address, and the gate that keeps it.
//!
//! Invariants: an address that is not in the table is refused to everybody; a role that is not
//! named at an address is refused there. docs/access.md shows the same table to people, and a test
//! holds the two and the router together.

use std::fmt;
use std::str::FromStr;

mod table;

pub use table::ROUTES;

/// What a member of the staff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Decides on an agency's applications.
    Officer,
    /// Decides too, and sees how the agency's officers work.
    Supervisor,
    /// Answers for an agency.
    Head,
    /// Keeps agencies, staff, offices, devices, cards and holidays; sees no application.
    Administrator,
    /// Reads what the staff did.
    Auditor,
    /// Sees the figures of a county, a province or the country; sees no application.
    Governor,
}

use Role::{Administrator, Auditor, Governor, Head, Officer, Supervisor};

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] = [Officer, Supervisor, Head, Administrator, Auditor, Governor];

    /// As it is stored and written on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Officer => "officer",
            Supervisor => "supervisor",
            Head => "head",
            Administrator => "administrator",
            Auditor => "auditor",
            Governor => "governor",
        }
    }

    /// As people say it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Officer => "کارشناس",
            Supervisor => "سرپرست",
            Head => "رئیس دستگاه",
            Administrator => "راهبر سامانه",
            Auditor => "بازرس",
            Governor => "فرماندار یا استاندار",
        }
    }

    /// Does it belong to an agency?
    #[must_use]
    pub fn is_of_agency(self) -> bool {
        matches!(self, Officer | Supervisor | Head)
    }

    /// Must it show a second factor?
    #[must_use]
    pub fn needs_factor(self) -> bool {
        matches!(self, Administrator | Head | Governor | Auditor)
    }

    /// Where its day begins.
    #[must_use]
    pub fn home(self) -> &'static str {
        match self {
            Officer | Supervisor | Head => "/console",
            Administrator => "/admin",
            Auditor => "/admin/audit-log",
            Governor => "/briefing",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No such role.
#[derive(Debug, thiserror::Error)]
#[error("a role is one of officer, supervisor, head, administrator, auditor, governor")]
pub struct NoSuchRole;

impl FromStr for Role {
    type Err = NoSuchRole;

    fn from_str(name: &str) -> Result<Self, NoSuchRole> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or(NoSuchRole)
    }
}

/// Which part of what a role may see is somebody's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One agency.
    Agency(pishkhan_domain::ids::AgencyCode),
    /// One county of a province.
    County {
        /// Province's title.
        province: String,
        /// County's title.
        county: String,
    },
    /// One province, by its title.
    Province(String),
    /// Everything.
    Country,
}

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever comes.
    Everybody,
    /// Devices and couriers; what they send says itself who wrote it, by a signature or a token
    /// that the handler checks.
    Devices,
    /// An agency's own system, by a token that the handler checks.
    Systems,
    /// Who watches the machine: from itself, or by a token that the handler checks.
    Monitor,
    /// Whose password was right and who has more to show; the handler checks that.
    SigningIn,
    /// Staff of these roles, signed in.
    Staff(&'static [Role]),
}

/// An address.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Method.
    pub method: &'static str,
    /// Path as the router has it.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
}

/// What the table says about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Who may.
    Access(Access),
    /// The path is known, the method is not.
    OtherMethod,
    /// Nobody may.
    Nothing,
}

/// Looks an address up. Whoever may GET may HEAD.
#[must_use]
pub fn find(method: &str, path: &str) -> Found {
    let mut known = false;
    let mut get = None;
    for route in ROUTES.iter().filter(|route| route.path == path) {
        if route.method == method {
            return Found::Access(route.access);
        }
        known = true;
        if route.method == "GET" {
            get = Some(route.access);
        }
    }
    match get {
        Some(access) if method == "HEAD" => Found::Access(access),
        _ if known => Found::OtherMethod,
        _ => Found::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_address_stands_in_the_table_once() {
        let mut seen = HashSet::new();
        for route in ROUTES {
            assert!(seen.insert((route.method, route.path)), "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_nobodys() {
        assert_eq!(find("GET", "/no/such"), Found::Nothing);
        assert_eq!(find("DELETE", "/console"), Found::OtherMethod);
        assert_eq!(find("HEAD", "/console"), find("GET", "/console"));
    }

    /// What must stay true of the table, however it grows.
    #[test]
    fn nobody_has_more_than_the_work_needs() {
        for Route { method, path, access } in ROUTES {
            let roles = match access {
                Access::Staff(roles) => *roles,
                _ => &[],
            };
            let at = format!("{method} {path}");
            if path.starts_with("/console/applications") {
                assert!(roles.iter().all(|role| role.is_of_agency()), "{at}: personal data");
                assert!(!roles.is_empty(), "{at}: personal data");
            }
            if path.starts_with("/admin") {
                assert!(!roles.is_empty(), "{at}: open");
                let reads_log = *path == "/admin/audit-log" && *method == "GET";
                let allowed = |role: &Role| *role == Administrator || reads_log && *role == Auditor;
                assert!(roles.iter().all(allowed), "{at}");
            }
            let everyones = path.starts_with("/console/account") || *path == "/console/logout";
            if *method != "GET" && roles.contains(&Auditor) {
                assert!(everyones, "{at}: an auditor changes nothing");
            }
        }
    }
}
