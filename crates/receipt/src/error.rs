//! Why a receipt cannot be made.

/// Split by what the caller would do: mend the content, or report a fault of the program.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The due day is no date.
    #[error("not a date: {text}")]
    Date {
        /// As given.
        text: String,
    },
    /// The proof is longer than the largest QR symbol holds.
    #[error("a proof of {bytes} bytes does not fit into a QR symbol")]
    ProofTooLong {
        /// Length of the address.
        bytes: usize,
    },
    /// The template does not compile: a fault of the program.
    #[error("the receipt could not be typeset: {message}")]
    Typeset {
        /// The compiler's messages.
        message: String,
    },
    /// The picture could not be written as PNG: a fault of the program.
    #[error("the picture of the receipt could not be written")]
    Picture(#[from] image::ImageError),
}
