//! The table.

use super::Access::{Devices, Everybody, Monitor, Staff, Systems};
use super::Role::{self, Head, Officer, Supervisor};
use super::{Access, Route};

const EVERY_ROLE: Access = Staff(&Role::ALL);
/// Who reads an agency's applications.
const AGENCY: Access = Staff(&[Officer, Supervisor, Head]);
/// Who decides on them.
const DECIDES: Access = Staff(&[Officer, Supervisor]);
/// Who keeps agencies, staff, offices, devices, cards and holidays.
const ADMINISTERS: Access = Staff(&[Role::Administrator]);

const fn route(method: &'static str, path: &'static str, access: Access) -> Route {
    Route { method, path, access }
}

/// Every address of the centre.
pub static ROUTES: &[Route] = &[
    // Public.
    route("GET", "/", Everybody),
    route("GET", "/track", Everybody),
    route("POST", "/track", Everybody),
    route("POST", "/track/rating", Everybody),
    route("GET", "/r", Everybody),
    route("GET", "/roots", Everybody),
    route("GET", "/roots/{day}", Everybody),
    route("GET", "/roots/{day}/leaves", Everybody),
    route("GET", "/transparency", Everybody),
    route("GET", "/transparency.csv", Everybody),
    route("GET", "/transparency.json", Everybody),
    route("GET", "/transparency/dictionary", Everybody),
    route("GET", "/transparency/offices/{number}", Everybody),
    route("GET", "/transparency/offices/{number}/poster.pdf", Everybody),
    route("GET", "/assets/{name}", Everybody),
    route("GET", "/health", Everybody),
    route("GET", "/health/ready", Everybody),
    route("GET", "/health/live", Everybody),
    route("GET", "/metrics", Monitor),
    // Devices.
    route("GET", "/sync/v1/probe", Devices),
    route("POST", "/sync/v1/enrol", Devices),
    route("POST", "/sync/v1/exchange", Devices),
    route("POST", "/sync/v2/exchange", Devices),
    route("POST", "/sync/v1/parcels/{hash}/exchange", Devices),
    route("POST", "/sync/v1/documents", Devices),
    route("OPTIONS", "/sync/v1/documents", Devices),
    route("HEAD", "/sync/v1/documents/{hash}", Devices),
    route("PATCH", "/sync/v1/documents/{hash}", Devices),
    route("DELETE", "/sync/v1/documents/{hash}", Devices),
    route("POST", "/sync/v1/parcels", Devices),
    route("OPTIONS", "/sync/v1/parcels", Devices),
    route("HEAD", "/sync/v1/parcels/{hash}", Devices),
    route("PATCH", "/sync/v1/parcels/{hash}", Devices),
    route("DELETE", "/sync/v1/parcels/{hash}", Devices),
    route("POST", "/courier/v1/files", Devices),
    route("OPTIONS", "/courier/v1/files", Devices),
    route("HEAD", "/courier/v1/files/{hash}", Devices),
    route("PATCH", "/courier/v1/files/{hash}", Devices),
    route("DELETE", "/courier/v1/files/{hash}", Devices),
    route("GET", "/courier/v1/answers/{device}", Devices),
    // Programs.
    route("GET", "/api/openapi.json", Everybody),
    route("GET", "/api/v1/agencies/{code}/feed", Systems),
    route("GET", "/api/v1/agencies/{code}/applications.csv", Systems),
    // Signing in and out.
    route("GET", "/console/login", Everybody),
    route("POST", "/console/login", Everybody),
    route("POST", "/console/logout", EVERY_ROLE),
    route("GET", "/console/login/factor", Access::SigningIn),
    route("POST", "/console/login/factor", Access::SigningIn),
    route("GET", "/console/login/password", Access::SigningIn),
    route("POST", "/console/login/password", Access::SigningIn),
    route("GET", "/console/login/set-up", Access::SigningIn),
    route("POST", "/console/login/set-up", Access::SigningIn),
    route("GET", "/console/account", EVERY_ROLE),
    route("POST", "/console/account/password", EVERY_ROLE),
    route("POST", "/console/account/sessions", EVERY_ROLE),
    route("GET", "/console/account/factor", EVERY_ROLE),
    route("POST", "/console/account/factor", EVERY_ROLE),
    route("POST", "/console/account/recovery-codes", EVERY_ROLE),
    route("GET", "/console/account/prove", EVERY_ROLE),
    route("POST", "/console/account/prove", EVERY_ROLE),
    // The desk.
    route("GET", "/console", AGENCY),
    route("GET", "/console/applications/{id}", AGENCY),
    route("GET", "/console/applications/{id}/documents/{hash}", AGENCY),
    route("POST", "/console/applications/{id}/{act}", DECIDES),
    route("GET", "/console/applications/{id}/next", AGENCY),
    route("GET", "/console/applications/{id}/letter", AGENCY),
    route("POST", "/console/applications/{id}/letter/preview", DECIDES),
    route("POST", "/console/letter-templates", Staff(&[Supervisor])),
    route("POST", "/console/take-up", DECIDES),
    route("POST", "/console/views", AGENCY),
    route("POST", "/console/views/remove", AGENCY),
    route("GET", "/console/news", AGENCY),
    route("GET", "/console/reasons", AGENCY),
    route("POST", "/console/reasons", Staff(&[Supervisor])),
    route("GET", "/console/late", Staff(&[Supervisor, Head])),
    // The governor's briefing.
    route("GET", "/briefing", Staff(&[Role::Governor])),
    route("GET", "/briefing.pdf", Staff(&[Role::Governor])),
    // Administration.
    route("GET", "/admin", ADMINISTERS),
    route("GET", "/admin/agencies", ADMINISTERS),
    route("POST", "/admin/agencies", ADMINISTERS),
    route("GET", "/admin/agencies/{code}/tokens", ADMINISTERS),
    route("POST", "/admin/agencies/{code}/tokens", ADMINISTERS),
    route("GET", "/admin/staff", ADMINISTERS),
    route("POST", "/admin/staff", ADMINISTERS),
    route("GET", "/admin/staff/{username}", ADMINISTERS),
    route("POST", "/admin/staff/{username}", ADMINISTERS),
    route("POST", "/admin/staff/{username}/{act}", ADMINISTERS),
    route("GET", "/admin/offices", ADMINISTERS),
    route("POST", "/admin/offices", ADMINISTERS),
    route("GET", "/admin/offices/{office}", ADMINISTERS),
    route("POST", "/admin/offices/{office}", ADMINISTERS),
    route("POST", "/admin/offices/{office}/codes", ADMINISTERS),
    route("GET", "/admin/import", ADMINISTERS),
    route("POST", "/admin/import", ADMINISTERS),
    route("POST", "/admin/import/{token}", ADMINISTERS),
    route("GET", "/admin/import-sample.csv", ADMINISTERS),
    route("GET", "/admin/devices", ADMINISTERS),
    route("GET", "/admin/devices/{device}", ADMINISTERS),
    route("POST", "/admin/devices/{device}/{act}", ADMINISTERS),
    route("GET", "/admin/cards", ADMINISTERS),
    route("POST", "/admin/cards", ADMINISTERS),
    route("GET", "/admin/cards/{code}", ADMINISTERS),
    route("POST", "/admin/cards/{code}", ADMINISTERS),
    route("GET", "/admin/cards/{code}/preview", ADMINISTERS),
    route("GET", "/admin/holidays", ADMINISTERS),
    route("POST", "/admin/holidays", ADMINISTERS),
    route("GET", "/admin/audit-log", Staff(&[Role::Administrator, Role::Auditor])),
];
