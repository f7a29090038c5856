//! pishkhan-testkit
