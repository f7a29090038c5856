//! The OpenAPI document of every address. It is made of the access table, so that no address can be
//! missing and none too many; what is said of each beyond that stands below.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::access::{Access, ROUTES, Route};

/// `GET /api/openapi.json`.
pub async fn openapi() -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=3600")], Json(document())).into_response()
}

/// The document (OpenAPI 3.1).
#[must_use]
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.to_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Pishkhan",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every address of the centre. The protocol of devices is described in \
                            docs/sync-protocol.md, courier files in docs/courier.md.",
            "license": { "name": env!("CARGO_PKG_LICENSE") }
        },
        "paths": paths,
        "components": { "securitySchemes": schemes(), "schemas": schemas() }
    })
}

fn schemes() -> Value {
    json!({
        "agency_token": {
            "type": "http", "scheme": "bearer",
            "description": "Made by the administrator: pishkhan-server agency-token add."
        },
        "upload_token": {
            "type": "http", "scheme": "bearer",
            "description": "Given to a device with the answer to an exchange; good for an hour."
        },
        "metrics_token": {
            "type": "http", "scheme": "bearer",
            "description": "Of the settings; not needed from the machine itself."
        },
        "session": {
            "type": "apiKey", "in": "cookie", "name": "pishkhan_session",
            "description": "Of a member of the staff who signed in; forms carry `csrf` besides."
        }
    })
}

fn operation(route: &Route) -> Value {
    let told = told(route);
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": told.summary,
        "tags": [tag(route)],
        "responses": told.responses,
        "security": security(route),
    });
    if let Access::Staff(roles) = route.access {
        operation["x-roles"] = roles.iter().map(|role| role.name()).collect();
    }
    let mut parameters: Vec<Value> = path_parameters(route.path).collect();
    parameters.extend(told.query);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = told.body {
        operation["requestBody"] = body;
    }
    operation
}

fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    })
}

fn operation_id(route: &Route) -> String {
    let letters = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let path: String = route.path.trim_matches('/').chars().map(letters).collect();
    format!("{}_{path}", route.method.to_lowercase())
}

fn tag(route: &Route) -> &'static str {
    match route.path.split('/').nth(1) {
        Some("api") => "api",
        Some("sync" | "courier") => "devices",
        Some("console" | "admin" | "briefing") => "staff",
        Some("health" | "metrics") => "operation",
        _ => "public",
    }
}

fn security(route: &Route) -> Value {
    match route.access {
        Access::Everybody | Access::SigningIn => json!([]),
        Access::Systems => json!([{ "agency_token": [] }]),
        Access::Monitor => json!([{}, { "metrics_token": [] }]),
        Access::Staff(_) => json!([{ "session": [] }]),
        // What devices send is signed; uploads carry a token besides.
        Access::Devices if route.path.contains("documents") || route.path.contains("parcels") => {
            json!([{ "upload_token": [] }])
        }
        Access::Devices => json!([]),
    }
}

/// What is said of an address.
struct Told {
    summary: String,
    query: Vec<Value>,
    body: Option<Value>,
    responses: Value,
}

fn told(route: &Route) -> Told {
    let plain = |summary: &str, responses| Told {
        summary: summary.to_owned(),
        query: Vec::new(),
        body: None,
        responses,
    };
    match (route.method, route.path) {
        ("GET", "/api/v1/agencies/{code}/feed") => Told {
            query: pages(),
            ..plain(
                "An agency's applications in the order in which they changed. What changed in the \
                 last minute comes a minute later, so that nothing is missed; what changed twice \
                 comes twice.",
                with_errors(json("A page", "FeedPage")),
            )
        },
        ("GET", "/api/v1/agencies/{code}/applications.csv") => Told {
            query: pages(),
            ..plain(
                "The same as a table in UTF-8. A cell that a spreadsheet would take for a formula \
                 begins with a quote. The header pishkhan-next has the next `after`.",
                with_errors(json!({
                    "200": { "description": "The table", "content": { "text/csv": {} } }
                })),
            )
        },
        ("GET", "/api/openapi.json") => {
            let media = json!({ "application/json": {} });
            let answer = json!({ "200": { "description": "OpenAPI 3.1", "content": media } });
            plain("This document.", answer)
        }
        ("GET", "/roots/{day}") => plain(
            "The signed root of a day, for instance 2026-11-27.",
            or_not_found(json("The root", "PublishedRoot")),
        ),
        ("GET", "/roots/{day}/leaves") => plain(
            "The leaves under it, one a line: key, and bytes in base64.",
            or_not_found(text("The leaves")),
        ),
        ("GET", "/health" | "/health/ready") => plain(
            "Can it serve?",
            json!({
                "200": { "description": "Yes" },
                "503": { "description": "The database does not answer" }
            }),
        ),
        ("GET", "/health/live") => {
            plain("Does it run?", json!({ "200": { "description": "Yes" } }))
        }
        ("GET", "/metrics") => plain(
            "What is counted, as OpenMetrics; from the machine itself, or with the token.",
            json!({
                "200": {
                    "description": "Metrics",
                    "content": { "application/openmetrics-text": {} }
                },
                "404": { "description": "Not for this caller" }
            }),
        ),
        _ => generic(route),
    }
}

/// Pages, forms and what devices send.
fn generic(route: &Route) -> Told {
    let devices = route.access == Access::Devices;
    let page = json!({ "200": { "description": "A page", "content": { "text/html": {} } } });
    let (summary, responses, body) = match (devices, route.method) {
        (true, "POST" | "PATCH") => {
            let media = if route.path.contains("exchange") || route.path.ends_with("enrol") {
                "application/cbor"
            } else {
                "application/offset+octet-stream"
            };
            let body = json!({ "content": { media: { "schema": { "type": "string" } } } });
            ("Of devices", json!({ "default": { "description": "An answer" } }), Some(body))
        }
        (true, _) => ("Of devices", json!({ "default": { "description": "An answer" } }), None),
        (false, "POST") => {
            let form = json!({ "content": { "application/x-www-form-urlencoded": {} } });
            let answers = json!({
                "200": { "description": "A page", "content": { "text/html": {} } },
                "303": { "description": "Done: see there" }
            });
            ("A form", answers, Some(form))
        }
        (false, _) => ("A page", page, None),
    };
    let summary = format!("{summary}: {}", route.path);
    Told { summary, query: Vec::new(), body, responses }
}

fn pages() -> Vec<Value> {
    vec![
        json!({
            "name": "after", "in": "query",
            "description": "`next` of the page before; left out for the first.",
            "schema": { "type": "string" }
        }),
        json!({
            "name": "limit", "in": "query", "description": "Most applications of a page.",
            "schema": { "type": "integer", "minimum": 1 }
        }),
    ]
}

fn json(description: &str, schema: &str) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({
        "200": {
            "description": description,
            "content": { "application/json": { "schema": schema } }
        }
    })
}

fn text(description: &str) -> Value {
    json!({ "200": { "description": description, "content": { "text/plain": {} } } })
}

fn or_not_found(mut responses: Value) -> Value {
    responses["404"] = json!({ "description": "There is none of this day" });
    responses
}

fn with_errors(mut responses: Value) -> Value {
    for (status, description) in [
        ("400", "The cursor is none"),
        ("401", "No token, one that was taken away, or another agency's"),
        ("429", "Too often"),
        ("503", "Try again later"),
    ] {
        let schema = json!({ "$ref": "#/components/schemas/Error" });
        responses[status] = json!({
            "description": description,
            "content": { "application/json": { "schema": schema } }
        });
    }
    responses
}

fn object(properties: Value) -> Value {
    let required: Vec<String> =
        properties.as_object().map(|known| known.keys().cloned().collect()).unwrap_or_default();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn schemas() -> Value {
    let string = json!({ "type": "string" });
    let integer = json!({ "type": "integer" });
    let time = json!({ "type": "integer", "description": "Milliseconds since 1970, UTC" });
    let any = json!({ "type": "object" });
    let states = [
        "received",
        "accepted",
        "returned",
        "resubmitted",
        "approved",
        "refused",
        "delivered",
        "withdrawn",
    ];
    json!({
        "Error": object(json!({ "code": string, "message": string })),
        "FeedPage": object(json!({
            "items": {
                "type": "array", "items": { "$ref": "#/components/schemas/Application" }
            },
            "next": string,
            "more": { "type": "boolean" }
        })),
        "Application": object(json!({
            "application": { "type": "string", "format": "uuid" },
            "tracking_code": integer,
            "office": string,
            "service": string,
            "card_version": { "type": "string", "description": "SHA-256 of the service card" },
            "state": { "type": "string", "enum": states },
            "filed_at": time,
            "received_at": time,
            "changed_at": time,
            "due_on": { "type": "string", "format": "date" },
            "fee_rial": integer,
            "applicant": any,
            "form": { "type": "object", "description": "Answers by the keys of the card" },
            "documents": { "type": "array", "items": any },
            "defects": { "type": "array", "items": any },
            "note": string,
            "reason_code": string
        })),
        "PublishedRoot": object(json!({
            "day": { "type": "string", "format": "date" },
            "at_ms": time,
            "leaves": integer,
            "root": string,
            "previous": string,
            "statement": { "type": "string", "contentEncoding": "base64" },
            "signature": { "type": "string", "contentEncoding": "base64" },
            "centre_key": string
        }))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_address_of_the_table_is_in_it_and_nothing_else() {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let mut found = BTreeSet::new();
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().unwrap() {
                found.insert((method.to_uppercase(), path.clone()));
                assert!(operation["responses"].as_object().unwrap().values().all(|response| {
                    response["description"].as_str().is_some_and(|text| !text.is_empty())
                }));
                let named: Vec<&str> = operation["parameters"].as_array().map_or(vec![], |all| {
                    let in_path = all.iter().filter(|one| one["in"] == "path");
                    in_path.map(|one| one["name"].as_str().unwrap()).collect()
                });
                assert_eq!(named.len(), path.matches('{').count(), "{path}");
            }
        }
        let table: BTreeSet<(String, String)> =
            ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
        assert_eq!(found, table);
        let ids: BTreeSet<String> = ROUTES.iter().map(operation_id).collect();
        assert_eq!(ids.len(), ROUTES.len(), "an id names one operation");
    }

    #[test]
    fn whatever_is_referred_to_is_there() {
        let document = document();
        let text = document.to_string();
        for part in text.split("\"#/").skip(1) {
            let pointer = format!("/{}", part.split('"').next().unwrap());
            assert!(document.pointer(&pointer).is_some(), "{pointer}");
        }
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        let operations = document["paths"].as_object().unwrap().values();
        for operation in operations.flat_map(|path| path.as_object().unwrap().values()) {
            for named in operation["security"].as_array().unwrap() {
                assert!(named.as_object().unwrap().keys().all(|name| schemes.contains_key(name)));
            }
        }
    }
}
