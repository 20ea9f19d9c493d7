//! What can be wrong with a message, and the status that says so. Values never quote a message: it may hold a number.

/// Why a text is not the SIP it should be. The lexer turns it into an answer by [`SyntaxError::status`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// Neither `METHOD URI SIP/2.0` nor `SIP/2.0 CODE REASON`.
    #[error("start line of {bytes} bytes is neither a request line nor a status line")]
    StartLine {
        /// Its length.
        bytes: usize,
    },
    /// A version other than SIP/2.0.
    #[error("version is not SIP/2.0")]
    Version,
    /// A method that no RFC we know defines; the method is a token, so it is safe to show.
    #[error("method `{method}` is unknown")]
    Method {
        /// As received.
        method: String,
    },
    /// A URI of another scheme (`tel:`, `sips:`, …).
    #[error("URI scheme `{scheme}` is not supported")]
    Scheme {
        /// In lower case.
        scheme: String,
    },
    /// Not a URI.
    #[error("malformed URI of {bytes} bytes")]
    Uri {
        /// Its length.
        bytes: usize,
    },
    /// A header line without a name and a colon.
    #[error("header line {line} has no name")]
    HeaderLine {
        /// Counted from 1 after the start line, unfolded.
        line: usize,
    },
    /// A header value that breaks its grammar.
    #[error("header {name} is malformed")]
    Header {
        /// Canonical name.
        name: &'static str,
    },
    /// A header that every message carries is not there.
    #[error("header {name} is missing")]
    Missing {
        /// Canonical name.
        name: &'static str,
    },
    /// A header that may appear once appears again.
    #[error("header {name} appears {count} times")]
    Repeated {
        /// Canonical name.
        name: &'static str,
        /// How often.
        count: usize,
    },
    /// The method of CSeq is not that of the request line.
    #[error("CSeq names another method than the request line")]
    MethodMismatch,
    /// No empty line ends the headers.
    #[error("no empty line after the headers")]
    Unfinished,
    /// Fewer bytes arrived than Content-Length says.
    #[error("body has {got_bytes} of {declared_bytes} bytes")]
    BodyCut {
        /// Content-Length.
        declared_bytes: usize,
        /// What the datagram held.
        got_bytes: usize,
    },
    /// Over one of the lexer's limits.
    #[error("{what}: {got} is over the limit of {max}")]
    TooLarge {
        /// Which limit.
        what: &'static str,
        /// How many came.
        got: usize,
        /// How many may come.
        max: usize,
    },
}

impl SyntaxError {
    /// The final status that tells the sender. RFC 3261 §21.4, §21.5.
    pub fn status(&self) -> u16 {
        match self {
            Self::TooLarge { .. } => 413,
            Self::Scheme { .. } => 416,
            Self::Method { .. } => 501,
            Self::Version => 505,
            Self::StartLine { .. }
            | Self::Uri { .. }
            | Self::HeaderLine { .. }
            | Self::Header { .. }
            | Self::Missing { .. }
            | Self::Repeated { .. }
            | Self::MethodMismatch
            | Self::Unfinished
            | Self::BodyCut { .. } => 400,
        }
    }
}
