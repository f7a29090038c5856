//! persian_text
