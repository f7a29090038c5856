//! jalali
