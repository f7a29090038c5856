//! pishkhan-counter
