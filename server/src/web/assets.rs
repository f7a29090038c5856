//! Style, script, font and icon: built into the program, so that no page needs anybody else's
//! server.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const HOUR: &str = "public, max-age=3600";
const YEAR: &str = "public, max-age=31536000, immutable";

/// One of them.
pub async fn asset(Path(name): Path<String>) -> Response {
    let (kind, cache, bytes): (_, _, &'static [u8]) = match name.as_str() {
        "pishkhan.css" => {
            ("text/css; charset=utf-8", HOUR, include_bytes!("../../assets/pishkhan.css"))
        }
        "console.js" => {
            ("text/javascript; charset=utf-8", HOUR, include_bytes!("../../assets/console.js"))
        }
        "receipt.js" => {
            ("text/javascript; charset=utf-8", HOUR, include_bytes!("../../assets/receipt.js"))
        }
        "icon.svg" => ("image/svg+xml", YEAR, include_bytes!("../../assets/icon.svg")),
        "Vazirmatn-Regular.woff2" => {
            ("font/woff2", YEAR, include_bytes!("../../assets/Vazirmatn-Regular.woff2"))
        }
        "Vazirmatn-Bold.woff2" => {
            ("font/woff2", YEAR, include_bytes!("../../assets/Vazirmatn-Bold.woff2"))
        }
        "Vazirmatn-OFL.txt" => {
            ("text/plain; charset=utf-8", YEAR, include_bytes!("../../assets/Vazirmatn-OFL.txt"))
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)], bytes).into_response()
}
