//! pishkhan-sync
