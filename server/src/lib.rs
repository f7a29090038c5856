//! pishkhan-server
