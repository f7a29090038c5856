//! pishkhan-receipt
