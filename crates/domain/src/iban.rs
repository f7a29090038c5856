//! iban
