//! pishkhan-store
