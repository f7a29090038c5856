//! national_id
