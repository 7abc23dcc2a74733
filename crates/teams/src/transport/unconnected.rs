//! Why there was no connection, in one word for reports and logs: whoever reads it must know whom to call.

use std::{error::Error, io};

/// The name has no address, or nobody knows.
const DNS: &str = "dns";
/// Nobody listens, or something refuses.
const CONNECT: &str = "connect";
/// No answer to the connection.
const TIMEOUT: &str = "connect-timeout";
/// The other side's certificate is not trusted or has expired.
const CERTIFICATE: &str = "tls-certificate";
/// Any other failure of TLS: something in between, or no TLS at all.
const TLS: &str = "tls";

/// The word for an error, from whatever caused it.
pub(crate) fn unconnected(error: &(dyn Error + 'static)) -> &'static str {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(word) = word(error) {
            return word;
        }
        cause = error.source();
    }
    CONNECT
}

fn word(error: &(dyn Error + 'static)) -> Option<&'static str> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(match tls {
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => CERTIFICATE,
            _ => TLS,
        });
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        // An error inside of an io::Error is not among its sources.
        return match io.get_ref() {
            Some(inner) => word(inner).or_else(|| inner.source().map(unconnected)),
            None => (io.kind() == io::ErrorKind::TimedOut).then_some(TIMEOUT),
        };
    }
    // The connector's own error type is private: it says so first.
    error.to_string().starts_with("dns error").then_some(DNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Outer(&'static str, #[source] Box<dyn Error + Send + Sync>);

    #[test]
    fn each_failure_has_its_word() {
        let certificate = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let io = |error: rustls::Error| io::Error::new(io::ErrorKind::InvalidData, error);
        let cases: [(Box<dyn Error + Send + Sync>, &str); 6] = [
            (io(certificate).into(), CERTIFICATE),
            (io(rustls::Error::HandshakeNotComplete).into(), TLS),
            (io::Error::from(io::ErrorKind::TimedOut).into(), TIMEOUT),
            (io::Error::from(io::ErrorKind::ConnectionRefused).into(), CONNECT),
            (Outer("dns error: no such name", "x".into()).into(), DNS),
            (
                Outer(
                    "tcp connect error",
                    io::Error::from(io::ErrorKind::TimedOut).into(),
                )
                .into(),
                TIMEOUT,
            ),
        ];
        for (error, expected) in cases {
            let error = Outer("client error (Connect)", error);
            assert_eq!(unconnected(&error), expected, "{error:?}");
        }
    }
}
